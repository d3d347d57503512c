import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { startJobController } from "../../../../src/apiserver/jobs/job-controller.ts";
import { startNode, type RunningNode } from "../../../../src/apiserver/node/node.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";
import { fakeApi, type FakeApi } from "./fake-api.ts";

const JOB = "/apis/batch/v1/namespaces/ns/jobs/fix";

interface World {
  readonly api: FakeApi;
  readonly clock: FakeClock;
  readonly node: RunningNode;
  /** `type=status` of the job's conditions. */
  readonly conditions: () => string[];
  readonly patchJob: (patch: JsonObject) => void;
}

function job(spec: JsonObject = {}, annotations: JsonObject = {}): JsonObject {
  const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "main", image: "x" }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: {}, spec: { parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: "Failed", template, ...spec } };
}

function world(t: TestContext): World {
  const clock = new FakeClock();
  const api = fakeApi(() => clock.now());
  const node = startNode({ handle: api.handle, clock, mode: "script" });
  const controller = startJobController({ handle: api.handle, clock, random: () => 0 });
  t.after(async () => {
    controller.stop();
    await node.stop();
    assert.equal(clock.pendingTimers, 0);
  });
  const conditions = (): string[] => {
    const status = api.field(JOB, "status") as { readonly conditions?: readonly { readonly type: string; readonly status: string }[] } | undefined;
    return (status?.conditions ?? []).map((condition) => `${condition.type}=${condition.status}`);
  };
  const patchJob = (patch: JsonObject): void => {
    api.handle({ method: "PATCH", url: JOB, headers: {}, body: JSON.stringify(patch) });
  };
  return { api, clock, node, conditions, patchJob };
}

const podPath = "/api/v1/namespaces/ns/pods/fix-bbbbb";

describe("the job controller with a node", () => {
  it("runs a job to its end: one pod, counted once, its finalizer gone", async (t) => {
    const { api, clock, node, conditions } = world(t);
    api.put(JOB, job());
    await clock.advance(1000);
    assert.deepEqual(conditions(), ["SuccessCriteriaMet=True", "Complete=True"]);
    assert.equal(api.field(JOB, "status", "succeeded"), 1);
    assert.equal(node.ledger.length, 1);
    assert.deepEqual(api.field(podPath, "metadata", "finalizers"), []);
    const quiet = api.requests.length;
    await clock.advance(3_600_000);
    assert.equal(api.requests.length, quiet);
  });

  it("gives a suspended job no pod, and one soon after it is resumed", async (t) => {
    const { api, clock, conditions, node, patchJob } = world(t);
    api.put(JOB, job({ suspend: true }));
    await clock.advance(60_000);
    assert.deepEqual([conditions(), node.ledger.length, api.get(podPath)], [["Suspended=True"], 0, undefined]);
    patchJob({ metadata: { generation: 2 }, spec: { suspend: false } });
    await clock.advance(30);
    assert.equal(node.ledger.length, 1);
    await clock.advance(1000);
    assert.deepEqual(conditions(), ["Suspended=False", "SuccessCriteriaMet=True", "Complete=True"]);
  });

  it("fails a job at its deadline, after its pod has really ended", async (t) => {
    const { api, clock, conditions, node } = world(t);
    api.put(JOB, job({ activeDeadlineSeconds: 5 }, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "3000" }));
    await clock.advance(6000);
    assert.deepEqual(conditions(), ["FailureTarget=True"]);
    await clock.advance(3000);
    assert.deepEqual(conditions(), ["FailureTarget=True", "Failed=True"]);
    assert.equal(node.ledger.at(0)?.exitCode, 143);
    assert.equal(api.get(podPath), undefined);
  });

  it("lets the pods of a deleted job go when they have ended, not before", async (t) => {
    const { api, clock, node } = world(t);
    api.put(JOB, { ...job({}, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "3000" }), metadata: { finalizers: ["foregroundDeletion"] } });
    await clock.advance(1000);
    const remove = { method: "DELETE" as const, headers: {} };
    api.handle({ ...remove, url: JOB });
    api.handle({ ...remove, url: podPath });
    await clock.advance(2900);
    assert.notEqual(api.get(podPath), undefined);
    assert.equal(node.ledger.at(0)?.endedMs, undefined);
    await clock.advance(200);
    assert.equal(api.get(podPath), undefined);
    assert.equal(node.ledger.length, 1);
  });

  it("releases the pods of a job that is gone", async (t) => {
    const { api, clock } = world(t);
    api.put(JOB, job());
    await clock.advance(100);
    api.remove(JOB);
    await clock.advance(1000);
    assert.deepEqual(api.field(podPath, "metadata", "finalizers"), []);
  });

  it("deletes a finished job after its time to live", async (t) => {
    const { api, clock, conditions } = world(t);
    api.put(JOB, job({ ttlSecondsAfterFinished: 10 }));
    await clock.advance(9000);
    assert.ok(conditions().includes("Complete=True"));
    await clock.advance(3000);
    assert.equal(api.get(JOB), undefined);
  });

  it("comes through refusals of every write: still one pod, counted once", async (t) => {
    for (const method of ["POST", "PUT", "PATCH"] as const) {
      const { api, clock, conditions, node } = world(t);
      api.put(JOB, job());
      api.refuse(method, 4);
      await clock.advance(5000);
      assert.deepEqual(conditions(), ["SuccessCriteriaMet=True", "Complete=True"], method);
      assert.equal(node.ledger.length, 1);
      assert.equal(api.field(JOB, "status", "succeeded"), 1);
    }
  });

  it("goes on after its streams ended, and knows what it missed", async (t) => {
    const { api, clock, conditions, node } = world(t);
    api.endStreams();
    api.put(JOB, job());
    await clock.advance(1000);
    assert.equal(node.ledger.length, 1);
    assert.ok(conditions().includes("Complete=True"));
  });

  it("does not touch a job that another controller manages", async (t) => {
    const { api, clock } = world(t);
    api.put(JOB, job({ managedBy: "example.com/other" }));
    await clock.advance(1000);
    assert.equal(api.field(JOB, "status"), undefined);
  });

  it("tells the output of a pod until the pod is gone", async (t) => {
    const { api, clock, node } = world(t);
    api.put(JOB, job({}, { "ro.dev/script": '{"log": ["hello"]}' }));
    await clock.advance(1000);
    const uid = node.ledger.at(0)?.podUid ?? "";
    assert.deepEqual(node.logOf(uid), ["hello"]);
    api.remove(podPath);
    assert.deepEqual(node.logOf(uid), []);
  });
});
