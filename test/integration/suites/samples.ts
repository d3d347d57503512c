import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Flags } from "../../../src/config.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { neighbours } from "../../support/neighbours.ts";
import { SampleWorld, type Sample } from "../../support/sample-world.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";

interface World {
  readonly cluster: TestCluster;
  readonly samples: SampleWorld;
  readonly watched: Watched;
}

/** Everything of ours but the executor: somebody else runs the workflows. */
const FOREIGN_EXECUTOR: Flags = { workers: "signal-processing,analysis,verification,notification" };

/** What the other product left on a server is read and continued, each to an end. */
export function samplesSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell({ cluster, samples: new SampleWorld(cluster), watched });
      await noLockLeft(cluster);
    });

  describe(`what the other product left is continued (${name})`, () => {
    executingStories(story);
    earlierStories(story);
    waitingStories(story);
  });
}

type Story = (what: string, tell: (world: World) => Promise<void>) => void;

function executingStories(story: Story): void {
  story("its Running execution is named by uid, and verified once its executor has completed it", async ({ cluster, samples, watched }) => {
    const { uid } = await executing(samples);
    await cluster.startReplica("replica-0", { flags: FOREIGN_EXECUTOR });
    await watched.until("the execution is named by its uid", () => watched.latest().some(({ status }) => status?.phaseProgress?.workflowExecutionRef?.uid === uid));
    await neighbours(cluster).completed("rr-a");
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    assert.equal(rr.status.operatorAudit?.preRemediationSpecHash, "sha256:139edbb16f07b8e40eff45fdbc3968b09e0540e2b28a28f776826f7627ceba5d", "what we do not write is kept");
  });

  story("its Running execution, which our executor did not begin, is left to its own: others wait for its end, and it is never run a second time", async ({ cluster, samples, watched }) => {
    const { uid } = await executing(samples);
    await blocked(samples);
    await cluster.startReplica("replica-0");
    await watched.until("the execution is named by its uid", () => watched.latest().some(({ status }) => status?.phaseProgress?.workflowExecutionRef?.uid === uid));
    // Another one whose workflow has run, on another target, shows that the replica had time to look.
    await cluster.workflow("restart");
    await cluster.alert("rr-elsewhere", "KubePodCrashLooping", { apiVersion: "apps/v1", kind: "Deployment", name: "elsewhere", namespace: cluster.namespace });
    await watched.phase("rr-elsewhere", "Verifying");
    assert.equal(watched.executions.findLast(({ object }) => object.metadata.uid === uid)?.object.status?.phase, "Running");
    await neighbours(cluster).completed("rr-a");
    const ended = [await watched.phase("rr-a", "Completed"), await watched.phase("rr-b", "Completed")];
    assert.deepEqual(ended.map(({ status }) => status?.completionStatus?.outcome), ["Remediated", "Remediated"]);
    assert.equal(cluster.ledger().length, 1, "the one on the other target");
  });

  story("its completed execution is verified", async ({ cluster, samples, watched }) => {
    await samples.put("rr-executing");
    await samples.put("wfe-completed");
    await cluster.startReplica("replica-0");
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    assert.equal(cluster.ledger().length, 0);
  });

  story("an assessment that it has finished ends the remediation", async ({ cluster, samples, watched }) => {
    await samples.put("rr-completed", { status: beforeItsEnd("Verifying") });
    for (const child of ["sp-completed", "aia-completed", "wfe-completed", "ea-completed"] as const) await samples.put(child);
    await cluster.startReplica("replica-0", { flags: FOREIGN_EXECUTOR });
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
  });

  story("a remediation that it has ended is left as it is", async ({ cluster, samples, watched }) => {
    const ended = await samples.put("rr-completed", { request: "rr-done" });
    for (const child of ["sp-completed", "aia-completed", "wfe-completed", "ea-completed", "nr-completion"] as const) await samples.put(child, { request: "rr-done" });
    await cluster.startReplica("replica-0");
    // Another one that runs to its end shows that the replica had time to look.
    await cluster.workflow("restart");
    await cluster.alert("rr-later");
    await watched.phase("rr-later", "Completed");
    const now = await cluster.client.get(kinds.RemediationRequest, { namespace: cluster.namespace, name: "rr-done" });
    assert.equal(now?.metadata.resourceVersion, ended.metadata.resourceVersion);
  });
}

function earlierStories(story: Story): void {
  story("its completed signal processing leads to an analysis, and on to the end", async ({ cluster, samples, watched }) => {
    await cluster.workflow("restart");
    await samples.put("rr-executing", { status: beforeItsEnd("Processing") });
    await samples.put("sp-completed");
    await cluster.startReplica("replica-0");
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    const analysis = await cluster.client.get(kinds.AIAnalysis, { namespace: cluster.namespace, name: "ai-rr-a" });
    assert.equal(analysis?.spec.analysisRequest.signalContext.businessPriority, "P1", "what its signal processing found is handed on");
    assert.equal(cluster.ledger().length, 1);
  });

  story("the workflow that its analysis selected is run, with its parameters", async ({ cluster, samples, watched }) => {
    await samples.put("rr-executing", { status: beforeItsEnd("Analyzing") });
    for (const child of ["sp-completed", "aia-completed"] as const) await samples.put(child);
    await cluster.startReplica("replica-0");
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    const execution = await cluster.client.get(kinds.WorkflowExecution, { namespace: cluster.namespace, name: "we-rr-a" });
    assert.deepEqual([execution?.spec.workflowRef.workflowId, execution?.spec.parameters], ["725ed710-4924-4158-844f-003e12d7a5fa", { REASON: "measured" }]);
    assert.equal(cluster.ledger().length, 1);
  });
}

function waitingStories(story: Story): void {
  story("one that it blocked waits on for the execution in its way, and is covered by its cure", async ({ cluster, samples, watched }) => {
    await executing(samples);
    await blocked(samples);
    await cluster.startReplica("replica-0", { flags: FOREIGN_EXECUTOR });
    await watched.until("the execution in the way is known", () => watched.latest().some(({ status }) => status?.phaseProgress?.workflowExecutionRef?.uid !== undefined));
    await neighbours(cluster).completed("rr-a");
    const rr = await watched.phase("rr-b", "Completed");
    assert.deepEqual([rr.status?.completionStatus?.outcome, rr.status?.routingStatus?.deduplicatedByWE], ["Remediated", "we-rr-a"]);
    assert.equal(watched.executions.some(({ object }) => object.metadata.name === "we-rr-b"), false, "it is not run again");
  });

  story("one that it blocked runs once what was in its way is gone", async ({ cluster, samples, watched }) => {
    await blocked(samples);
    await cluster.startReplica("replica-0");
    const rr = await watched.phase("rr-b", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    assert.deepEqual(rr.status.completionStatus.notificationRequestRefs?.map(({ name }) => name), ["nr-block-resourcebusy-rr-b"], "what it has told people is kept");
    assert.equal(cluster.ledger().length, 1);
  });
}

/** An executing remediation with its children; its execution as stored. */
async function executing(samples: SampleWorld): Promise<{ readonly uid: string }> {
  await samples.put("rr-executing");
  for (const child of ["sp-completed", "aia-completed"] as const) await samples.put(child);
  return (await samples.put("wfe-running")).metadata;
}

async function blocked(samples: SampleWorld): Promise<void> {
  await samples.put("rr-blocked-resource-busy");
  for (const child of ["sp-completed", "aia-completed"] as const) await samples.put(child, { request: "rr-b" });
  await samples.put("nr-blocked");
}

/** The status as it was before the end: in `phase`, and without what only comes later. */
function beforeItsEnd(phase: "Processing" | "Analyzing" | "Verifying"): (status: Sample["status"]) => Sample["status"] {
  return ({ completedAt: _completed, completionStatus: _completion, ...status }) => {
    const later: readonly string[] = phase === "Verifying" ? [] : ["workflowExecutionRef", "executingStartTime", ...(phase === "Processing" ? ["aiAnalysisRef", "analyzingStartTime"] : [])];
    const progress = Object.entries(status["phaseProgress"] as object).filter(([field]) => !later.includes(field));
    return { ...status, overallPhase: phase, phaseProgress: Object.fromEntries(progress) };
  };
}
