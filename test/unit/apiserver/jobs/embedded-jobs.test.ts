import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import type { KindInfo } from "../../../../src/api/kind.ts";
import { kinds } from "../../../../src/api/kinds.ts";
import type { KubeObject } from "../../../../src/api/object.ts";
import type { Pod } from "../../../../src/api/pod.ts";
import type { Deployment } from "../../../../src/api/workload.ts";
import { inProcessClient, type InProcessClient } from "../../../../src/apiserver/in-process-client.ts";
import { startDeploymentController } from "../../../../src/apiserver/jobs/deployment-controller.ts";
import { JOB, type Job } from "../../../../src/apiserver/jobs/job.ts";
import { startJobController } from "../../../../src/apiserver/jobs/job-controller.ts";
import { startNode, type RunningNode } from "../../../../src/apiserver/node/node.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { EmbeddedApiServer } from "../../../../src/apiserver/server.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";
import { seeded } from "./seeded.ts";

const KEY = { namespace: "default", name: "fix" };

interface ReadyNode extends KubeObject {
  readonly status?: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

const NODE: KindInfo<ReadyNode> = { group: "", version: "v1", kind: "Node", plural: "nodes", namespaced: false };

interface World {
  readonly clock: FakeClock;
  readonly client: InProcessClient;
  readonly server: EmbeddedApiServer;
  readonly node: RunningNode;
  readonly create: (spec?: JsonObject, annotations?: JsonObject) => Job;
  readonly job: () => Job | undefined;
  readonly pods: () => readonly Pod[];
  readonly conditions: () => string[];
}

function world(t: TestContext): World {
  const clock = new FakeClock();
  const random = seeded();
  const nodes: RunningNode[] = [];
  const server = new EmbeddedApiServer({ clock, random, podLog: (uid) => nodes.at(0)?.logOf(uid) ?? [] });
  const { handle } = server;
  const node = startNode({ handle, clock, mode: "script" });
  nodes.push(node);
  const jobs = startJobController({ handle, clock, random });
  const deployments = startDeploymentController({ handle, clock });
  t.after(async () => {
    jobs.stop();
    deployments.stop();
    await node.stop();
    server.close();
    assert.equal(clock.pendingTimers, 0);
  });
  const client = inProcessClient({ handle });
  const create = (spec: JsonObject = {}, annotations: JsonObject = {}): Job => {
    const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "main", image: "x" }] } };
    const object = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "fix" }, spec: { parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: "Failed", ...spec, template } };
    return client.create(JOB, "default", object);
  };
  const job = (): Job | undefined => client.get(JOB, KEY);
  const conditions = (): string[] => (job()?.status?.conditions ?? []).map(({ type, status }) => `${type}=${status}`);
  return { clock, client, server, node, create, job, pods: () => client.list(kinds.Pod).items, conditions };
}

const LONG = { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "1500" };

describe("jobs of the embedded server", () => {
  it("run to Complete; the pod carries the job's labels and owner, and no finalizer any more", async (t) => {
    const { clock, create, job, pods, conditions, node } = world(t);
    const { uid } = create({}, { "ro.dev/script": '{"log": ["hello"]}' }).metadata;
    await clock.advance(1000);
    assert.deepEqual(conditions(), ["SuccessCriteriaMet=True", "Complete=True"]);
    assert.equal(job()?.status?.succeeded, 1);
    const [pod] = pods();
    assert.match(pod?.metadata.name ?? "", /^fix-[bcdfghjklmnpqrstvwxz2456789]{5}$/);
    assert.equal(pod?.metadata.labels?.["batch.kubernetes.io/job-name"], "fix");
    assert.equal(pod?.metadata.labels?.["batch.kubernetes.io/controller-uid"], uid);
    assert.deepEqual(pod?.metadata.ownerReferences, [{ apiVersion: "batch/v1", kind: "Job", name: "fix", uid, controller: true, blockOwnerDeletion: true }]);
    assert.deepEqual(pod?.metadata.finalizers ?? [], []);
    assert.equal(pod?.status?.phase, "Succeeded");
    assert.deepEqual(node.ledger.map(({ jobUid, exitCode }) => [jobUid, exitCode]), [[uid, 0]]);
  });

  it("cost no request once they are over", async (t) => {
    const { clock, create, server } = world(t);
    create();
    await clock.advance(1000);
    const version = server.resourceVersion;
    await clock.advance(3_600_000);
    assert.equal(server.resourceVersion, version);
  });

  it("have no pod while suspended, and one within 30 ms of a resume by uid", async (t) => {
    const { clock, client, create, pods, conditions, node } = world(t);
    const { uid } = create({ suspend: true }).metadata;
    await clock.advance(60_000);
    assert.deepEqual([pods().length, conditions()], [0, ["Suspended=True"]]);
    client.patch(JOB, KEY, { metadata: { uid }, spec: { suspend: false } });
    await clock.advance(30);
    assert.equal(pods().length, 1);
    await clock.advance(1000);
    assert.deepEqual(conditions(), ["Suspended=False", "SuccessCriteriaMet=True", "Complete=True"]);
    assert.equal(node.ledger.length, 1);
  });

  it("deleted in the foreground stay until their pod has really ended, and go within 50 ms then", async (t) => {
    const { clock, client, create, job, pods, node } = world(t);
    const { uid } = create({}, LONG).metadata;
    await clock.advance(1000);
    client.delete(JOB, KEY, { uid, propagation: "Foreground" });
    await clock.advance(1400);
    assert.deepEqual(job()?.metadata.finalizers, ["foregroundDeletion"]);
    assert.equal(pods().at(0)?.metadata.deletionGracePeriodSeconds, 30);
    assert.equal(node.ledger.at(0)?.endedMs, undefined);
    await clock.advance(200);
    assert.deepEqual([job(), pods().length], [undefined, 0]);
    assert.equal(node.ledger.at(0)?.exitCode, 143);
    assert.equal(node.ledger.length, 1);
  });

  it("deleted in the foreground while suspended go at once", async (t) => {
    const { clock, client, create, job } = world(t);
    const { uid } = create({ suspend: true }).metadata;
    await clock.advance(100);
    client.delete(JOB, KEY, { uid, propagation: "Foreground" });
    await clock.advance(50);
    assert.equal(job(), undefined);
  });

  it("deleted in the background leave a pod that runs on for its grace, then goes too", async (t) => {
    const { clock, client, create, job, pods, node } = world(t);
    const { uid } = create({}, LONG).metadata;
    await clock.advance(1000);
    client.delete(JOB, KEY, { uid, propagation: "Background" });
    await clock.advance(1000);
    assert.deepEqual([job(), pods().length, node.ledger.at(0)?.endedMs], [undefined, 1, undefined]);
    await clock.advance(1000);
    assert.equal(pods().length, 0);
  });

  it("whose pod fails are Failed, and why stands in the pod", async (t) => {
    const { clock, create, pods, conditions } = world(t);
    create({}, { "ro.dev/script": '{"oomKilled": true}' });
    await clock.advance(1000);
    assert.deepEqual(conditions(), ["FailureTarget=True", "Failed=True"]);
    assert.equal(pods().at(0)?.status?.containerStatuses?.at(0)?.state?.terminated?.reason, "OOMKilled");
  });

  it("whose pod is deleted by somebody start no second one before the first has ended", async (t) => {
    const { clock, client, create, pods, node } = world(t);
    create({ backoffLimit: 3 }, LONG);
    await clock.advance(1000);
    const [pod] = pods();
    assert.ok(pod);
    client.delete(kinds.Pod, pod.metadata, { uid: pod.metadata.uid });
    await clock.advance(1400);
    assert.equal(node.ledger.length, 1);
    await clock.advance(60_000);
    const [first, second] = node.ledger;
    assert.ok(first?.endedMs !== undefined && second !== undefined && second.startedMs >= first.endedMs);
  });

  it("past their deadline are Failed once the pod is gone", async (t) => {
    const { clock, create, pods, conditions } = world(t);
    create({ activeDeadlineSeconds: 2 }, LONG);
    await clock.advance(3000);
    assert.deepEqual(conditions(), ["FailureTarget=True"]);
    await clock.advance(1000);
    assert.deepEqual([conditions(), pods().length], [["FailureTarget=True", "Failed=True"], 0]);
  });

  it("with a time to live are gone, pod and all, when it is over", async (t) => {
    const { clock, create, job, pods } = world(t);
    create({ ttlSecondsAfterFinished: 10 });
    await clock.advance(13_000);
    assert.deepEqual([job(), pods().length], [undefined, 0]);
  });

  it("of one name, one after the other, do not share a pod", async (t) => {
    const { clock, client, create, conditions, node } = world(t);
    const first = create({}, LONG).metadata.uid;
    await clock.advance(1000);
    client.delete(JOB, KEY, { uid: first, propagation: "Background" });
    await clock.advance(100);
    const second = create().metadata.uid;
    await clock.advance(5000);
    assert.deepEqual(node.ledger.map(({ jobUid }) => jobUid), [first, second]);
    assert.deepEqual(conditions(), ["SuccessCriteriaMet=True", "Complete=True"]);
  });
});

describe("the node of the embedded server", () => {
  it("is an object that is Ready", (t) => {
    const { client } = world(t);
    const node = client.get<ReadyNode>(NODE, { name: "embedded-node" });
    assert.deepEqual(node?.status?.conditions?.map(({ type, status }) => [type, status]), [["Ready", "True"]]);
  });

  it("answers pods/log", async (t) => {
    const { clock, create, pods, server } = world(t);
    create({}, { "ro.dev/script": '{"log": ["one", "two"]}' });
    await clock.advance(1000);
    const answer = server.handle({ method: "GET", url: `/api/v1/namespaces/default/pods/${pods().at(0)?.metadata.name ?? ""}/log`, headers: {} });
    assert.ok(answer.kind === "body");
    assert.equal(answer.body, "one\ntwo\n");
  });

  it("lets a pod that is deleted by force run on for at most a second, and no longer than its stop time", async (t) => {
    const { clock, client, create, pods, node } = world(t);
    create({ backoffLimit: 0 }, LONG);
    await clock.advance(1000);
    const [pod] = pods();
    assert.ok(pod);
    client.delete(kinds.Pod, pod.metadata, { uid: pod.metadata.uid, gracePeriodSeconds: 0 });
    await clock.advance(500);
    assert.equal(node.ledger.at(0)?.endedMs, undefined);
    await clock.advance(600);
    assert.equal(node.ledger.at(0)?.exitCode, 137);
  });
});

it("a Deployment of the embedded server is available, broken by annotation, healed without it, and quiet between", async (t) => {
  const { clock, client, server } = world(t);
  const key = { namespace: "default", name: "web" };
  const template = { metadata: { labels: { app: "web" } }, spec: { containers: [{ name: "main", image: "x" }] } };
  client.create(kinds.Deployment, "default", { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "web" }, spec: { replicas: 2, selector: { matchLabels: { app: "web" } }, template } });
  const status = (): Deployment["status"] => client.get(kinds.Deployment, key)?.status;
  await clock.advance(60);
  assert.deepEqual([status()?.availableReplicas, status()?.observedGeneration], [2, 1]);
  client.patch(kinds.Deployment, key, { metadata: { annotations: { "ro.dev/unavailable": "true" } } });
  await clock.advance(60);
  assert.deepEqual([status()?.availableReplicas, status()?.unavailableReplicas], [undefined, 2]);
  client.patch(kinds.Deployment, key, { metadata: { annotations: { "ro.dev/unavailable": null } }, spec: { replicas: 3 } });
  assert.equal(status()?.observedGeneration, 1);
  await clock.advance(60);
  assert.deepEqual([status()?.availableReplicas, status()?.observedGeneration], [3, 2]);
  const version = server.resourceVersion;
  await clock.advance(60_000);
  assert.equal(server.resourceVersion, version);
});
