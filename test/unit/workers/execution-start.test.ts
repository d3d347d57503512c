import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Job } from "../../../src/api/job.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createExecutionReconciler } from "../../../src/workers/execution/execution-reconciler.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const fenced: WorkflowExecutionStatus = { phase: "Failed", deduplicatedBy: "we-b", failureDetails: { failedTaskIndex: 0, failedTaskName: "restart", reason: "Deduplicated", message: "", failedAt: "2026-01-01T00:00:00Z", naturalLanguageSummary: "", wasExecutionFailure: false } };

/** A Pending execution that may start, what the executor sees of it, and a look of the executor. */
async function pending() {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  const seen = await kube.create(kinds.WorkflowExecution, workflowExecution("a"));
  kube.put(remediationRequest("a", { overallPhase: "Executing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid: seen.metadata.uid } } }));
  const none = { get: () => undefined, list: () => [], byIndex: () => [], synced: true };
  const claims = { release: () => Promise.resolve("absent" as const) };
  const written: Job[] = [];
  const reconcile = createExecutionReconciler({ client: kube, executions: { ...none, get: () => seen }, executionsOn: () => [seen], observe: { execution: () => undefined, job: (job) => written.push(job) }, jobs: none, requests: none, claims, clock, safetyPollMs: 30_000 });
  const look = async (): Promise<WorkflowExecution | undefined> => {
    await reconcile(`${NAMESPACE}/we-a`, { signal: new AbortController().signal, log: silentLogger });
    return kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
  };
  const isSuspended = async (): Promise<readonly (boolean | undefined)[]> => (await kube.list(kinds.Job)).items.map(({ spec }) => spec.suspend);
  return { kube, seen, look, isSuspended, written };
}

describe("a Pending execution that its owner names (safety protocol, step 7)", () => {
  it("becomes Running and names its Job, which is let go only then", async () => {
    const { look, isSuspended, kube, written } = await pending();
    const { status } = (await look()) ?? {};
    const [job] = (await kube.list(kinds.Job)).items;
    assert.equal(status?.phase, "Running");
    assert.equal(status.executionRef?.uid, job?.metadata.uid);
    assert.deepEqual(await isSuspended(), [false]);
    assert.deepEqual(written, [job], "the cache is told, or the Job's birth would make it be let go once more");
  });

  it("does not become Running at a version that nobody judged: its Job stays suspended (Z10)", async () => {
    const { kube, seen, look, isSuspended } = await pending();
    await kube.replaceStatus(kinds.WorkflowExecution, { ...seen, status: fenced });
    assert.equal((await look())?.status?.phase, "Failed");
    assert.deepEqual(await isSuspended(), [true]);
  });
});
