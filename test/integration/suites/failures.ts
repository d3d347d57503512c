import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { microTime } from "../../../src/api/lease.ts";
import { isTerminalExecution } from "../../../src/api/workflow-execution.ts";
import { isKubeError, KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { leaseName } from "../../../src/locking/lease-name.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { intercept } from "../../support/intercept.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { overlap, watchNamespace, type Watched } from "../../support/watched.ts";

interface World {
  readonly cluster: TestCluster;
  readonly watched: Watched;
}

/** What becomes of remediations when things go wrong. */
export function failuresSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell({ cluster, watched });
    });

  describe(`when things go wrong (${name})`, () => {
    story("a workflow that fails fails its remediation, with the exit code, and people are told", async ({ cluster, watched }) => {
      await cluster.workflow("broken", undefined, { runMs: 50, exitCode: 3 });
      await cluster.startReplica("replica-0");
      await cluster.alert("rr-a");
      await watched.phase("rr-a", "Failed");
      const execution = await cluster.client.get(kinds.WorkflowExecution, { namespace: cluster.namespace, name: "we-rr-a" });
      assert.equal(execution?.status?.failureDetails?.exitCode, 3);
      await eventually("people are told", async () => (await cluster.client.list(kinds.Event, { namespace: cluster.namespace })).items.some(({ reason }) => reason === "NotificationEscalation"));
      await noLockLeft(cluster);
    });

    story("a remediation for which no workflow fits asks for a human, and says why", async ({ cluster, watched }) => {
      await cluster.startReplica("replica-0");
      await cluster.alert("rr-a");
      const rr = await watched.phase("rr-a", "Completed");
      assert.equal(rr.status?.completionStatus?.outcome, "ManualReviewRequired");
      assert.equal(watched.executions.length, 0);
    });

    story("a Running execution that a person deletes takes its Job along, and its remediation ends Failed (Z22)", async ({ cluster, watched }) => {
      await cluster.workflow("long", undefined, { runMs: 30_000, exitCode: 0 });
      await cluster.startReplica("replica-0");
      await cluster.alert("rr-a");
      await running(watched, "rr-a");
      await eventually("its pod runs", () => cluster.ledger().length === 1);
      const execution = await cluster.client.get(kinds.WorkflowExecution, { namespace: cluster.namespace, name: "we-rr-a" });
      await cluster.client.delete(kinds.WorkflowExecution, { namespace: cluster.namespace, name: "we-rr-a" }, { uid: execution?.metadata.uid ?? "" });
      await watched.phase("rr-a", "Failed");
      assert.notEqual(cluster.ledger()[0]?.endedMs, undefined, "the workflow was stopped before the execution ended");
      await noLockLeft(cluster);
    });

    story("a remediation that is deleted while its workflow runs: the Job dies first, the claim goes last", async ({ cluster, watched }) => {
      await cluster.workflow("long", undefined, { runMs: 30_000, exitCode: 0 });
      await cluster.startReplica("replica-0");
      const rr = await cluster.alert("rr-a");
      await running(watched, "rr-a");
      await eventually("its pod runs", () => cluster.ledger().length === 1);
      await cluster.client.delete(kinds.RemediationRequest, { namespace: cluster.namespace, name: "rr-a" }, { uid: rr.metadata.uid });
      await watched.until("the execution is gone", () => watched.executions.some(({ type }) => type === "DELETED"));
      assert.notEqual(cluster.ledger()[0]?.endedMs, undefined);
      const ended = watched.executions.findIndex(({ object }) => isTerminalExecution(object));
      const gone = watched.executions.findIndex(({ type }) => type === "DELETED");
      assert.ok(ended >= 0 && ended <= gone, "it ended before it went");
      await noLockLeft(cluster);
    });

    story("a cure that does not work is tried anew by the next of those whom it covered (Z27)", async ({ cluster, watched }) => {
      await cluster.workflow("restart", undefined, { runMs: 400, exitCode: 0 });
      await cluster.startReplica("replica-0", { config: { verificationPatienceMs: 200 } });
      await breakTarget(cluster);
      await cluster.alert("rr-a");
      await running(watched, "rr-a");
      await cluster.alert("rr-b");
      const first = await watched.phase("rr-a", "Completed");
      assert.equal(first.status?.completionStatus?.outcome, "Inconclusive");
      const second = await watched.phase("rr-b", "Completed");
      assert.equal(second.status?.completionStatus?.outcome, "Inconclusive");
      assert.equal(cluster.ledger().length, 2);
      assert.equal(overlap(cluster.ledger()), false);
    });

    story("a process-held Lease of another orchestrator is waited for, and taken over once nobody renews it", async ({ cluster, watched }) => {
      const { client, namespace } = cluster;
      await cluster.workflow("restart");
      const now = microTime(Date.now());
      const spec = { holderIdentity: "go-replica", leaseDurationSeconds: 2, acquireTime: now, renewTime: now };
      await client.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name: leaseName(`${namespace}/Deployment/checkout`) }, spec });
      const startedMs = performance.now();
      await cluster.startReplica("replica-0");
      await cluster.alert("rr-a");
      await watched.phase("rr-a", "Completed");
      assert.ok(performance.now() - startedMs >= 2000, "not before it expired");
      await noLockLeft(cluster);
    });

    const writes = ["create Lease", "create WorkflowExecution", "replaceStatus RemediationRequest", "create Job", "replaceStatus WorkflowExecution", "patch Job"];
    for (const last of writes) {
      story(`a replica that is cut off after "${last}" is followed by another one, and the workflow runs once`, async ({ cluster, watched }) => {
        await cluster.workflow("restart");
        let cutOff = false;
        const cut = (client: KubeClient): KubeClient =>
          intercept(client, async (call, send) => {
            if (cutOff) throw new KubeError("Unreachable", "cut off");
            const answer = await send();
            if (`${call.verb} ${call.kind}` === last && (last !== "replaceStatus RemediationRequest" || phaseIn(answer) === "Executing")) {
              cutOff = true;
              throw new KubeError("UnknownOutcome", "cut off before the answer");
            }
            return answer;
          });
        await cluster.startReplica("replica-cut", { client: cut });
        await cluster.alert("rr-a");
        await eventually("the replica is cut off", () => cutOff);
        await cluster.startReplica("replica-well");
        const rr = await watched.phase("rr-a", "Completed");
        assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
        assert.equal(cluster.ledger().length, 1);
      });
    }

    story("with --workers none nothing is left that only our workers would take away", async ({ cluster, watched }) => {
      await cluster.startReplica("replica-0", { config: { workers: [], remediation: { ...defaultSettings, ourExecutor: false } } });
      await cluster.alert("rr-a");
      await watched.phase("rr-a", "Processing");
      const children = await cluster.client.list(kinds.SignalProcessing, { namespace: cluster.namespace });
      assert.deepEqual(children.items.map(({ metadata, status }) => [metadata.finalizers, status]), [[undefined, undefined]]);
    });
  });
}

function phaseIn(answer: unknown): string | undefined {
  return (answer as { readonly status?: { readonly overallPhase?: string } } | undefined)?.status?.overallPhase;
}

function running(watched: Watched, request: string): Promise<void> {
  return watched.until(`the workflow of ${request} runs`, () => watched.executions.some(({ object }) => object.spec.remediationRequestRef.name === request && object.status?.phase === "Running"));
}

async function breakTarget({ client, namespace }: TestCluster): Promise<void> {
  const target = await client.get(kinds.Deployment, { namespace, name: "checkout" });
  assert.ok(target);
  const broken = await client.patch(kinds.Deployment, { namespace, name: "checkout" }, { metadata: { uid: target.metadata.uid, annotations: { "ro.dev/unavailable": "true" } } });
  const down = [{ type: "Available", status: "False" as const }];
  try {
    await client.replaceStatus(kinds.Deployment, { ...broken, status: { ...broken.status, conditions: down } });
  } catch (error) {
    // The embedded server's Deployment controller was quicker; it says the same by the annotation.
    if (!isKubeError(error, "Conflict")) throw error;
  }
  await eventually("the target is broken", async () => (await client.get(kinds.Deployment, { namespace, name: "checkout" }))?.status?.conditions?.some(({ type, status }) => type === "Available" && status === "False") ?? false);
}
