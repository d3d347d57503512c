import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Job } from "../../../src/api/job.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createExecutionReconciler } from "../../../src/workers/execution/execution-reconciler.ts";
import { jobFor } from "../../../src/workers/execution/job-for.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const fenced: WorkflowExecutionStatus = { phase: "Failed", deduplicatedBy: "we-b", failureDetails: { failedTaskIndex: 0, failedTaskName: "restart", reason: "Deduplicated", message: "", failedAt: "2026-01-01T00:00:00Z", naturalLanguageSummary: "", wasExecutionFailure: false } };

/** A Pending execution that may start, what the executor sees of it, and a look of the executor. */
async function pending(given: { readonly requestSeen?: (naming: RemediationRequest) => RemediationRequest; readonly other?: (kube: FakeKube) => Promise<WorkflowExecution> } = {}) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  const seen = await kube.create(kinds.WorkflowExecution, workflowExecution("a"));
  const naming = remediationRequest("a", { overallPhase: "Executing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid: seen.metadata.uid } } });
  kube.put(naming);
  const other = await given.other?.(kube);
  const none = { get: () => undefined, list: () => [], byIndex: () => [], synced: true };
  const claims = { release: () => Promise.resolve("absent" as const) };
  const written: Job[] = [];
  const reconcile = createExecutionReconciler({ client: kube, executions: { ...none, get: () => seen }, executionsOn: () => (other ? [seen, other] : [seen]), observe: { execution: () => undefined, job: (job) => written.push(job) }, jobs: none, requests: { ...none, get: () => given.requestSeen?.(naming) }, claims, clock, safetyPollMs: 30_000 });
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

describe("a Pending execution whose owner has ended", () => {
  it("does not start, although the cache still shows the owner Executing and naming it (Z101)", async () => {
    const { kube, look, isSuspended } = await pending({ requestSeen: (naming) => naming });
    kube.put(remediationRequest("a", { overallPhase: "Cancelled" }));
    assert.equal((await look())?.status?.failureDetails?.reason, "Deduplicated");
    assert.deepEqual(await isSuspended(), []);
  });
});

describe("a Pending execution that sees a younger one on its target (safety protocol, step 6)", () => {
  const younger = async (kube: FakeKube): Promise<WorkflowExecution> => kube.create(kinds.WorkflowExecution, workflowExecution("b"));

  it("starts once that one is fenced", async () => {
    const { kube, look } = await pending({ other: younger });
    assert.equal((await look())?.status?.phase, "Running");
    const { status } = (await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-b" })) ?? {};
    assert.deepEqual([status?.failureDetails?.reason, status?.deduplicatedBy], ["Deduplicated", "we-a"]);
  });

  it("does not start where that one has moved on since: it may run (Z100)", async () => {
    const { kube, look, isSuspended } = await pending({
      other: async (there) => {
        const seen = await younger(there);
        await there.replaceStatus(kinds.WorkflowExecution, { ...seen, status: { phase: "Running" } });
        return seen;
      },
    });
    assert.equal((await look())?.status?.phase, undefined);
    assert.deepEqual(await isSuspended(), []);
    assert.equal((await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-b" }))?.status?.phase, "Running");
  });
});

describe("a Job that has the name of a Pending execution's", () => {
  it("is adopted where it was made for that execution: the answer to its creation may have been lost", async () => {
    const { kube, seen, look } = await pending();
    const { metadata } = await kube.create(kinds.Job, jobFor(seen, 0));
    assert.equal((await look())?.status?.executionRef?.uid, metadata.uid);
  });

  it("is not adopted while it is being deleted: it would never run; the next one is (Z99)", async () => {
    const { kube, seen, look } = await pending();
    const { metadata, ...there } = await kube.create(kinds.Job, jobFor(seen, 0));
    kube.put({ ...there, metadata: { ...metadata, finalizers: ["foregroundDeletion"], deletionTimestamp: "2026-01-01T00:00:00Z" } });
    assert.equal((await look())?.status?.phase, undefined);
    await kube.patch(kinds.Job, metadata, { metadata: { uid: metadata.uid, finalizers: [] } });
    const { status } = (await look()) ?? {};
    assert.equal(status?.phase, "Running");
    assert.notEqual(status.executionRef?.uid, metadata.uid);
  });

  it("is not adopted where somebody else made it: what it would run is not the workflow (Z99)", async () => {
    const { kube, seen, look, isSuspended } = await pending();
    const { metadata, ...draft } = jobFor(seen, 0);
    await kube.create(kinds.Job, { ...draft, metadata: { name: metadata.name, namespace: NAMESPACE } });
    assert.equal((await look())?.status?.phase, undefined);
    assert.deepEqual(await isSuspended(), [true]);
  });
});
