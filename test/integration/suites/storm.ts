import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { isFenced } from "../../../src/api/workflow-execution.ts";
import { LOCK_LABEL } from "../../../src/locking/lease-marks.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { handOffs, overlap, watchNamespace, type Watched } from "../../support/watched.ts";

const ALERTS = 10;
const REPLICAS = ["replica-0", "replica-1", "replica-2"];

/** The storm of the requirement: three replicas, ten alerts at once on one target. */
export function stormSuite(name: string, startApi: () => Promise<TestApi>): void {
  describe(`ten alerts at once, three replicas, one target (${name})`, () => {
    it("one workflow for all: one runs, nine are ResourceBusy, all ten end Remediated (BR-ORCH-025)", async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      // Longer than it takes the other nine to get as far, on a machine that is busy with other things too.
      await cluster.workflow("restart", undefined, { runMs: 4000, exitCode: 0 });
      await using watched = await storm(cluster, () => "KubePodCrashLooping");
      const blocked = watched.requests.filter(({ object }) => object.status?.routingStatus?.blockReason === "ResourceBusy" && object.status.routingStatus.blockingWorkflowExecution);
      assert.equal(new Set(blocked.map(({ object }) => object.metadata.uid)).size, ALERTS - 1);
      assert.equal(watched.executions.filter(({ type }) => type === "ADDED").length, 1);
      assert.equal(cluster.ledger().length, 1);
      const covered = watched.latest().filter(({ status }) => status?.routingStatus?.deduplicatedByWE !== undefined);
      assert.equal(covered.length, ALERTS - 1);
      await nothingLeft(cluster, watched);
    });

    it("a workflow each: one after the other, never two unfinished, all ten end Remediated (BR-ORCH-050)", async (t) => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      for (let at = 0; at < ALERTS; at++) await cluster.workflow(`cure-${at}`, `Illness${at}`);
      await using watched = await storm(cluster, (at) => `Illness${at}`);
      const { most, ms } = handOffs(watched.executions);
      assert.equal(most, 1, "WorkflowExecutions unfinished at once");
      assert.equal(cluster.ledger().length, ALERTS);
      assert.equal(overlap(cluster.ledger()), false);
      await nothingLeft(cluster, watched);
      const sorted = ms.toSorted((a, b) => a - b);
      const writes = cluster.requests.filter(({ verb, kind, status }) => ["create", "update", "patch", "delete"].includes(verb) && kind !== "SelfSubjectAccessReview" && status > 0);
      const conflicts = writes.filter(({ status }) => status === 409).length;
      t.diagnostic(`${name}: hand-off median ${sorted[Math.floor(sorted.length / 2)]?.toFixed(0)} ms, slowest ${sorted.at(-1)?.toFixed(0)} ms; ${(writes.length / ALERTS).toFixed(1)} writes a remediation with 3 replicas, ${conflicts} of them refused`);
    });
  });
}

/** Lets the storm loose and waits until all of it has ended well. */
async function storm(cluster: TestCluster, signalOf: (at: number) => string): Promise<Watched> {
  await Promise.all(REPLICAS.map((replica) => cluster.startReplica(replica)));
  const watched = await watchNamespace(cluster.client, cluster.namespace);
  await Promise.all(Array.from({ length: ALERTS }, (_, at) => cluster.alert(`rr-${at}`, signalOf(at))));
  await watched.until("all ten ended", () => watched.latest().length === ALERTS && watched.latest().every(({ status }) => status?.completedAt !== undefined), 60_000);
  assert.deepEqual(watched.latest().map(({ status }) => status?.completionStatus?.outcome), Array.from({ length: ALERTS }, () => "Remediated"));
  return watched;
}

/** No lock, no finalizer, nobody fenced. */
async function nothingLeft(cluster: TestCluster, watched: Watched): Promise<void> {
  const { client, namespace } = cluster;
  await watched.until("no finalizer of ours is left", () => finalizersLeft(watched) === 0);
  assert.deepEqual((await client.list(kinds.Lease, { namespace, labelSelector: LOCK_LABEL })).items.map(({ metadata }) => metadata.name), []);
  assert.equal(watched.executions.filter(({ object }) => isFenced(object)).length, 0);
}

function finalizersLeft({ executions }: Watched): number {
  const latest = new Map(executions.map(({ type, object }) => [object.metadata.uid, type === "DELETED" ? undefined : object]));
  return [...latest.values()].filter((execution) => execution?.metadata.finalizers?.includes(WORKFLOW_EXECUTION_FINALIZER)).length;
}
