import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { timestamp } from "../../../src/api/timestamp.ts";
import { isFenced } from "../../../src/api/workflow-execution.ts";
import { deferred } from "../../../src/lib/deferred.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { LOCK_LABEL } from "../../../src/locking/lease-marks.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { intercept } from "../../support/intercept.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { overlap, watchNamespace, type Watched } from "../../support/watched.ts";

interface World {
  readonly cluster: TestCluster;
  readonly watched: Watched;
}

/** Two WorkflowExecutions on one target, because a lock was not taken or was lost: one is fenced before it runs, and tries again. */
export function fencingSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell({ cluster, watched });
      await noLockLeft(cluster);
    });

  describe(`two executions on one target (${name})`, () => {
    story("one that somebody made without a claim: ours is fenced, its remediation waits as ResourceBusy and is cured later", async ({ cluster, watched }) => {
      await cluster.workflow("restart");
      let made = false;
      const afterTheStray = before("rr-a", async () => {
        if (!made) await makeWithoutClaim(cluster);
        made = true;
      });
      const app = await cluster.startReplica("replica-0", { client: (client) => withoutWriteTo("we-stray")(afterTheStray(client)) });
      await cluster.alert("rr-a");
      await fencedAndBlocked(watched, "rr-a", "we-stray");
      assert.equal(cluster.ledger().length, 0, "the fenced one never ran");
      assert.match(await (await fetch(`${app.httpUrl}/metrics`)).text(), /^kubernaut_remediationorchestrator_fenced_total 1$/m);
      await endStray(cluster);
      const rr = await watched.phase("rr-a", "Completed");
      assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
      assert.equal(cluster.ledger().length, 1);
    });

    story("the Lease is deleted by hand between claim and execution: the one that came late is fenced, both are cured, one after the other", async ({ cluster, watched }) => {
      await cluster.workflow("short", "IllnessA");
      await cluster.workflow("long", "IllnessB", { runMs: 4000, exitCode: 0 });
      const reached = deferred();
      const released = deferred();
      let apart = true;
      const late = before("rr-a", async () => {
        if (!apart) return;
        await deleteLease(cluster);
        reached.resolve();
        await released.promise;
      });
      await cluster.startReplica("replica-0", { client: (client) => blindTo("rr-b", () => apart)(late(client)) });
      await cluster.startReplica("replica-1", { client: blindTo("rr-a", () => apart) });
      await cluster.alert("rr-a", "IllnessA");
      await reached.promise;
      await cluster.alert("rr-b", "IllnessB");
      await watched.until("the workflow of rr-b runs", () => watched.executions.some(({ object }) => object.metadata.name === "we-rr-b" && object.status?.phase === "Running"));
      apart = false;
      released.resolve();
      await fencedAndBlocked(watched, "rr-a", "we-rr-b");
      for (const name of ["rr-a", "rr-b"]) assert.equal((await watched.phase(name, "Completed")).status?.completionStatus?.outcome, "Remediated");
      assert.equal(cluster.ledger().length, 2);
      assert.equal(overlap(cluster.ledger()), false);
    });
  });
}

/** A client that waits for `what` before it creates the execution of `request`. */
function before(request: string, what: () => Promise<void>): (client: KubeClient) => KubeClient {
  return (client) =>
    intercept(client, async ({ verb, name }, send) => {
      if (verb === "create" && name === `we-${request}`) await what();
      return send();
    });
}

/** A client that can not read `request` while `holds`. */
function blindTo(request: string, holds: () => boolean): (client: KubeClient) => KubeClient {
  return (client) =>
    intercept(client, async ({ verb, kind, name }, send) => {
      if (verb === "get" && kind === "RemediationRequest" && name === request && holds()) throw new KubeError("Unreachable", "cut off");
      return send();
    });
}

/** A client to which the execution `name` is another executor's: it can not write it. */
function withoutWriteTo(name: string): (client: KubeClient) => KubeClient {
  return (client) =>
    intercept(client, async (call, send) => {
      if (call.verb === "replaceStatus" && call.name === name) throw new KubeError("Forbidden", "another executor's");
      return send();
    });
}

/** The course of a fenced remediation: Executing, then Blocked as ResourceBusy by `winner`, its execution fenced by that one and given up. */
async function fencedAndBlocked(watched: Watched, request: string, winner: string): Promise<void> {
  const phases = (): readonly string[] => watched.requests.filter(({ object }) => object.metadata.name === request).map(({ object }) => object.status?.overallPhase ?? "");
  const blocked = () => watched.requests.find(({ object }) => object.metadata.name === request && object.status?.overallPhase === "Blocked")?.object;
  await watched.until(`${request} is Blocked`, () => blocked() !== undefined);
  assert.ok(phases().indexOf("Executing") >= 0 && phases().indexOf("Executing") < phases().indexOf("Blocked"), `it went ${phases().join(", ")}`);
  const { blockReason, blockingWorkflowExecution } = blocked()?.status?.routingStatus ?? {};
  assert.deepEqual([blockReason, blockingWorkflowExecution], ["ResourceBusy", winner]);
  const fenced = watched.executions.find(({ object }) => isFenced(object))?.object;
  assert.equal(blocked()?.status?.phaseProgress?.workflowExecutionRef?.uid, fenced?.metadata.uid, "it names what it has given up");
  assert.deepEqual([fenced?.metadata.name, fenced?.status?.deduplicatedBy, fenced?.status?.failureDetails?.wasExecutionFailure], [`we-${request}`, winner, false]);
}

/** Somebody else makes an execution and runs it. */
async function makeWithoutClaim({ client, namespace }: TestCluster): Promise<void> {
  const workflowRef = { workflowId: "by-hand", workflowName: "by-hand", actionType: "RestartDeployment", version: "1.0.0", executionBundle: "example.com/by-hand:1.0.0" };
  const stray = await client.create(kinds.WorkflowExecution, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "WorkflowExecution",
    metadata: { namespace, name: "we-stray" },
    spec: { remediationRequestRef: { name: "nobody" }, targetResource: `${namespace}/Deployment/checkout`, workflowRef },
  });
  await client.replaceStatus(kinds.WorkflowExecution, { ...stray, status: { phase: "Running", startTime: timestamp(Date.now()) } });
}

async function endStray({ client, namespace }: TestCluster): Promise<void> {
  const stray = await client.get(kinds.WorkflowExecution, { namespace, name: "we-stray" });
  assert.ok(stray);
  await client.replaceStatus(kinds.WorkflowExecution, { ...stray, status: { ...stray.status, phase: "Completed", completionTime: timestamp(Date.now()) } });
}

async function deleteLease({ client, namespace }: TestCluster): Promise<void> {
  const { items } = await client.list(kinds.Lease, { namespace, labelSelector: LOCK_LABEL });
  for (const { metadata } of items) await client.delete(kinds.Lease, { namespace, name: metadata.name }, { uid: metadata.uid });
}
