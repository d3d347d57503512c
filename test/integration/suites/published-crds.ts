import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Flags } from "../../../src/config.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { foreignExecutor, type ForeignExecutor } from "../../support/foreign-executor.ts";
import { intercept } from "../../support/intercept.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { publishedCrds } from "../../support/published-crds.ts";
import { handOffs, overlap, watchNamespace, type Watched } from "../../support/watched.ts";

const ALERTS = 10;
const REPLICAS = ["replica-0", "replica-1", "replica-2"];
/** Everything of ours but the executor: the other product's runs the workflows. */
const FOREIGN_EXECUTOR: Flags = { workers: "signal-processing,analysis,verification,notification" };

interface World {
  readonly cluster: TestCluster;
  readonly watched: Watched;
}

/** The orchestrator on the published CRDs instead of ours. The API must be the suite's own: CRDs are the whole cluster's. */
export function publishedCrdsSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api, publishedCrds);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell({ cluster, watched });
      await noLockLeft(cluster);
    });

  describe(`on the published CRDs (${name})`, () => {
    story("a remediation goes all the way, its workflow run by another executor", async ({ cluster, watched }) => {
      await cluster.workflow("restart");
      await using executor = await foreignExecutor(cluster.client, cluster.namespace);
      await cluster.startReplica("replica-0", { flags: FOREIGN_EXECUTOR });
      await cluster.alert("rr-a");
      const rr = await watched.phase("rr-a", "Completed");
      assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
      assert.equal(executor.runs.length, 1);
      assert.deepEqual(refusedWrites(cluster), [], "what we write passes the published rules");
    });

    story("ten alerts, one workflow for all: one runs, nine wait and are covered", async ({ cluster, watched }) => {
      await cluster.workflow("restart");
      await using executor = await foreignExecutor(cluster.client, cluster.namespace, 800);
      await storm({ cluster, watched }, () => "KubePodCrashLooping");
      assert.equal(executor.runs.length, 1);
      assert.equal(watched.latest().filter(({ status }) => status?.routingStatus?.deduplicatedByWE !== undefined).length, ALERTS - 1);
      assert.deepEqual(refusedWrites(cluster), []);
    });

    story("ten alerts with a workflow each: one after the other, never two unfinished", async ({ cluster, watched }) => {
      for (let at = 0; at < ALERTS; at++) await cluster.workflow(`cure-${at}`, `Illness${at}`);
      await using executor = await foreignExecutor(cluster.client, cluster.namespace);
      await storm({ cluster, watched }, (at) => `Illness${at}`);
      assertOneAfterTheOther(watched, executor);
      assert.deepEqual(refusedWrites(cluster), []);
    });

    story("where nobody was told that the execution is there, it has begun unnamed: it is named when it is found, and ends its remediation (Z82)", async ({ cluster, watched }) => {
      await cluster.workflow("restart");
      await using executor = await foreignExecutor(cluster.client, cluster.namespace);
      let lost = 0;
      const client = (real: KubeClient): KubeClient =>
        intercept(real, async (call, send) => {
          const answer = await send();
          if (call.verb !== "create" || call.kind !== "WorkflowExecution" || lost++ > 0) return answer;
          await eventually("the executor has ended it", async () => executor.runs.some(({ endedMs }) => endedMs !== undefined));
          throw new KubeError("UnknownOutcome", "the answer was lost");
        });
      await cluster.startReplica("replica-0", { flags: FOREIGN_EXECUTOR, client });
      await cluster.alert("rr-a");
      const rr = await watched.phase("rr-a", "Completed");
      assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
      assert.deepEqual([lost, executor.runs.length], [1, 1]);
    });

    story("our executor, which can not name its Job there, runs nothing and fails the remediation", async ({ cluster, watched }) => {
      await cluster.workflow("restart");
      await cluster.startReplica("replica-0");
      await cluster.alert("rr-a");
      const rr = await watched.phase("rr-a", "Failed");
      assert.equal(rr.status?.completionStatus?.failurePhase, "WorkflowExecution");
      const execution = watched.executions.findLast(({ object }) => object.metadata.name === "we-rr-a")?.object;
      assert.equal(execution?.status?.executionRef?.uid, undefined);
      assert.equal(cluster.ledger().length, 0);
    });
  });
}

async function storm({ cluster, watched }: World, signalOf: (at: number) => string): Promise<void> {
  await Promise.all(REPLICAS.map((replica) => cluster.startReplica(replica, { flags: FOREIGN_EXECUTOR })));
  await Promise.all(Array.from({ length: ALERTS }, (_, at) => cluster.alert(`rr-${at}`, signalOf(at))));
  await watched.until("all ten ended", () => watched.latest().length === ALERTS && watched.latest().every(({ status }) => status?.completedAt !== undefined), 60_000);
  assert.deepEqual(watched.latest().map(({ status }) => status?.completionStatus?.outcome), Array.from({ length: ALERTS }, () => "Remediated"));
}

function assertOneAfterTheOther(watched: Watched, executor: ForeignExecutor): void {
  assert.equal(handOffs(watched.executions).most, 1, "WorkflowExecutions unfinished at once");
  assert.equal(executor.runs.length, ALERTS);
  assert.equal(overlap(executor.runs), false);
}

/** Writes that broke a rule of a CRD; a lost race (409) is none. */
function refusedWrites({ requests }: TestCluster): readonly string[] {
  return requests.filter(({ status }) => status === 400 || status === 422).map(({ verb, kind, status }) => `${verb} ${kind}: ${status}`);
}

