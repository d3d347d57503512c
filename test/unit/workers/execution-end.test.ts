import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import type { Job } from "../../../src/api/job.ts";
import type { Draft } from "../../../src/api/object.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { Pod } from "../../../src/api/pod.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createClaims } from "../../../src/locking/claims.ts";
import { noLockMetrics } from "../../../src/locking/metrics.ts";
import { createExecutionReconciler } from "../../../src/workers/execution/execution-reconciler.ts";
import { jobFor, jobNameOf } from "../../../src/workers/execution/job-for.ts";
import { claimLease, NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube, justBefore, readsOf } from "../../support/fake-kube.ts";

const KEY = `${NAMESPACE}/we-a`;

/** An execution as it is stored, a Job of its own if wanted, and an executor whose caches are up to date at every look. */
async function executorOf(status: (job: Job | undefined, execution: WorkflowExecution) => WorkflowExecutionStatus, withJob: boolean, given: { readonly timesOutAt?: string; readonly cacheKnows?: boolean; readonly owned?: boolean; readonly clusterID?: string; readonly requestSeen?: RemediationRequest } = {}) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  // Where nobody owns it, nobody else's state stops it.
  const { timesOutAt, cacheKnows = true, owned = false, clusterID, requestSeen } = given;
  const draft = workflowExecution(owned ? "a" : null, undefined, { meta: { name: "we-a" } });
  const born = await kube.create(kinds.WorkflowExecution, { ...draft, spec: { ...draft.spec, ...(timesOutAt ? { timesOutAt } : {}), ...(clusterID ? { clusterID } : {}) } });
  if (owned) kube.put(remediationRequest("a", { overallPhase: "Executing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid: born.metadata.uid } } }));
  const job = withJob ? await kube.create(kinds.Job, jobFor(born, clock.now())) : undefined;
  await kube.replaceStatus(kinds.WorkflowExecution, { ...born, status: status(job, born) });
  const claims = createClaims({ client: kube, namespace: NAMESPACE, identity: "replica-0", clock, metrics: noLockMetrics, log: silentLogger });
  const look = async (): Promise<WorkflowExecution | undefined> => {
    const execution = await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
    const jobs = cacheKnows ? (await kube.list(kinds.Job)).items : [];
    const reader = <T>(object: T | undefined) => ({ get: () => object, list: () => (object ? [object] : []), byIndex: () => [], synced: true });
    const reconcile = createExecutionReconciler({ client: kube, executions: reader(execution), executionsOn: () => (execution ? [execution] : []), observe: { execution: () => undefined, job: () => undefined }, jobs: reader(jobs[0]), requests: reader(requestSeen), claims, clock, safetyPollMs: 30_000 });
    await reconcile(KEY, { signal: new AbortController().signal, log: silentLogger });
    return kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
  };
  return { kube, look, job };
}

/** Somebody deletes it; its finalizer keeps it there. */
async function deleteExecution(kube: FakeKube): Promise<void> {
  const there = await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
  assert.ok(there);
  kube.put({ ...there, metadata: { ...there.metadata, finalizers: [WORKFLOW_EXECUTION_FINALIZER], deletionTimestamp: "2026-01-01T00:00:00Z" } });
}

/** A Job that is none of ours, as the API server would hold it. */
function jobCalled(name: string, uid: string, { suspend = false } = {}): Job {
  const spec = { suspend, template: { spec: { containers: [] } } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace: NAMESPACE, uid, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" }, spec };
}

function podOf(jobUid: string): Draft<Pod> {
  const labels = { "batch.kubernetes.io/controller-uid": jobUid };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "left-behind", namespace: NAMESPACE, labels }, spec: { containers: [] } };
}

describe("an execution whose limit is over", () => {
  it("counts what its Job came to before it could be stopped, however late that is seen", async () => {
    for (const cacheKnows of [true, false]) {
      const { kube, look } = await executorOf((job) => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true, { timesOutAt: "2025-12-31T23:59:59Z", cacheKnows });
      const [job] = (await kube.list(kinds.Job)).items;
      assert.ok(job);
      await kube.replaceStatus(kinds.Job, { ...job, status: { conditions: [{ type: "Complete", status: "True" }] } });
      assert.equal((await look())?.status?.phase, "Completed", `the cache ${cacheKnows ? "knows" : "does not know"} that it has finished`);
    }
  });
});

describe("a Running execution that has to be stopped", () => {
  const running = (job: Job | undefined): WorkflowExecutionStatus => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } });

  /** Its Job has to go, one that waits to be let go and one that runs, and with it gone the execution has failed. */
  async function isStopped(because: (kube: FakeKube) => Promise<unknown>, given: { readonly timesOutAt?: string; readonly reason?: string } = {}): Promise<void> {
    const { reason = "Unknown", ...rest } = given;
    for (const resumed of [false, true]) {
      const { kube, look, job } = await executorOf(running, true, { owned: true, ...rest });
      assert.ok(job);
      if (resumed) await kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } });
      await because(kube);
      assert.equal((await look())?.status?.phase, "Running", "its Job is not seen gone yet");
      assert.deepEqual((await kube.list(kinds.Job)).items, [], resumed ? "a Job that runs" : "a suspended Job");
      assert.equal((await look())?.status?.failureDetails?.reason, reason);
    }
  }

  it("takes its Job away where it was deleted (Z110)", async () => {
    await isStopped(deleteExecution);
  });

  it("takes its Job away where its limit is over (Z110)", async () => {
    await isStopped(async () => undefined, { timesOutAt: "2025-12-31T23:59:59Z", reason: "DeadlineExceeded" });
  });

  it("takes its Job away where its owner has ended (Z110)", async () => {
    await isStopped(async (kube) => kube.put(remediationRequest("a", { overallPhase: "Cancelled" })));
  });

  it("takes its Job away where its owner is gone (Z110)", async () => {
    await isStopped((kube) => kube.delete(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" }, { uid: "uid-a" }));
  });

  it("takes its Job away where another one has its owner's name (Z103)", async () => {
    await isStopped(async (kube) => kube.put(remediationRequest("a", { overallPhase: "Executing" }, { meta: { uid: "another" } })));
  });
});

describe("an execution whose Job has finished", () => {
  it("ended when the cluster says, to the second, however far off the clock here is (Z87)", async () => {
    const at = { earlier: "2025-12-31T21:00:00Z", now: "2026-01-01T00:00:00Z", later: "2026-01-01T03:00:00Z" };
    const ends = { [at.earlier]: "2025-12-31T21:00:00.999Z", [at.now]: "2026-01-01T00:00:00.000Z", [at.later]: "2026-01-01T03:00:00.000Z" };
    for (const [lastTransitionTime, completionTime] of Object.entries(ends)) {
      const { kube, look, job } = await executorOf((job) => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true);
      assert.ok(job);
      await kube.replaceStatus(kinds.Job, { ...job, status: { conditions: [{ type: "Complete", status: "True", lastTransitionTime }] } });
      assert.equal((await look())?.status?.completionTime, completionTime);
    }
  });

  it("gives the target's claim back with its own end, so that nobody waits for the remediation to take notice", async () => {
    const { kube, look, job } = await executorOf((job) => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true, { owned: true });
    assert.ok(job);
    await kube.replaceStatus(kinds.Job, { ...job, status: { conditions: [{ type: "Complete", status: "True" }] } });
    kube.put(claimLease("a"));
    assert.equal((await look())?.status?.phase, "Completed");
    assert.deepEqual((await kube.list(kinds.Lease)).items, []);
  });
});

describe("the end of an execution that can not be written at the version that was judged", () => {
  it("does not give the target's claim back: for everybody else it runs (Z107)", async () => {
    const { kube, look, job } = await executorOf((job) => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true, { owned: true });
    assert.ok(job);
    await kube.replaceStatus(kinds.Job, { ...job, status: { conditions: [{ type: "Complete", status: "True" }] } });
    kube.put(claimLease("a"));
    justBefore(kube, "replaceStatus", kinds.WorkflowExecution, () => deleteExecution(kube));
    assert.equal((await look())?.status?.phase, "Running");
    assert.equal((await kube.list(kinds.Lease)).items.length, 1);
    assert.equal((await look())?.status?.phase, "Completed");
    assert.deepEqual((await kube.list(kinds.Lease)).items, []);
  });
});

describe("the owner of a Running execution", () => {
  const running = (job: Job | undefined): WorkflowExecutionStatus => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } });
  const seen = remediationRequest("a", { overallPhase: "Executing" });

  it("is read live before a suspended Job is let go, whatever the cache says", async () => {
    const { kube, look } = await executorOf(running, true, { owned: true, requestSeen: seen });
    kube.put(remediationRequest("a", { overallPhase: "Cancelled" }));
    await look();
    assert.deepEqual((await kube.list(kinds.Job)).items, [], "stopped, not resumed");
  });

  it("is not asked for while its Job runs and the cache knows it; its end there stops the Job", async () => {
    const ended = remediationRequest("a", { overallPhase: "Cancelled" });
    for (const [requestSeen, jobsLeft] of [[seen, 1], [ended, 0]] as const) {
      const { kube, look, job } = await executorOf(running, true, { owned: true, requestSeen });
      assert.ok(job);
      await kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } });
      const asked = readsOf(kube);
      await look();
      assert.deepEqual([(await kube.list(kinds.Job)).items.length, asked.includes("RemediationRequest")], [jobsLeft, false]);
    }
  });

  it("is confirmed live where the cache does not know it, or knows another one of its name", async () => {
    for (const requestSeen of [undefined, remediationRequest("a", { overallPhase: "Executing" }, { meta: { uid: "another" } })]) {
      const { kube, look, job } = await executorOf(running, true, { owned: true, ...(requestSeen ? { requestSeen } : {}) });
      assert.ok(job);
      await kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } });
      await look();
      assert.equal((await kube.list(kinds.Job)).items.length, 1);
      kube.put(remediationRequest("a", { overallPhase: "Executing" }, { meta: { uid: "another" } }));
      await look();
      assert.deepEqual((await kube.list(kinds.Job)).items, []);
    }
  });
});

describe("an execution that another executor runs", () => {
  const theirs = (): WorkflowExecutionStatus => ({ phase: "Running", executionRef: { name: "pipeline-run-1" } });

  it("is left alone, whatever would stop one of ours: what it runs is not seen from here (Z84)", async () => {
    const { kube, look } = await executorOf(theirs, false, { owned: true, timesOutAt: "2025-12-31T23:59:59Z" });
    kube.put(remediationRequest("a", { overallPhase: "TimedOut" }));
    assert.equal((await look())?.status?.phase, "Running");
  });

  it("is ended where a person deletes it, or nothing would ever give its target back", async () => {
    const { kube, look } = await executorOf(theirs, false, { owned: true });
    await deleteExecution(kube);
    assert.equal((await look())?.status?.phase, "Failed");
    assert.equal(await look(), undefined, "its finalizer goes, and so does it");
  });

  /** One that a person has deleted, of which all is known that `ref` says. */
  async function deleted(ref: NonNullable<WorkflowExecutionStatus["executionRef"]>) {
    const { kube, look } = await executorOf(() => ({ phase: "Running", executionRef: ref }), false, { owned: true });
    await deleteExecution(kube);
    return { kube, look };
  }

  it("takes no Job with it that only has the name of what it runs (Z102)", async () => {
    for (const ref of [{ name: "nightly" }, { name: "nightly", uid: "uid-of-a-pipeline-run" }]) {
      const { kube, look } = await deleted(ref);
      kube.put(jobCalled("nightly", "uid-of-a-job"));
      assert.equal((await look())?.status?.phase, "Failed");
      assert.equal((await kube.list(kinds.Job)).items.length, 1);
    }
  });

  it("takes the very Job with it that it names, and none that has come in its place (Z102)", async () => {
    const { kube, look } = await deleted({ name: "nightly", uid: "uid-of-this-night" });
    kube.put(jobCalled("nightly", "uid-of-this-night"));
    justBefore(kube, "delete", kinds.Job, async () => kube.put(jobCalled("nightly", "uid-of-the-next")));
    await look();
    assert.deepEqual((await kube.list(kinds.Job)).items.map(({ metadata }) => metadata.uid), ["uid-of-the-next"]);
    assert.equal((await look())?.status?.phase, "Failed");
  });
});

describe("a PATCH that a rule refuses", () => {
  const running = (job: Job | undefined): WorkflowExecutionStatus => ({ phase: "Running", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } });

  it("fails the look, and is not taken for one of another object (Z85)", async () => {
    const { kube, look } = await executorOf(running, true, { owned: true });
    kube.patch = () => Promise.reject(new KubeError("Invalid", "denied by a policy", { status: 422 }));
    await assert.rejects(look(), /denied by a policy/);
  });
});

describe("an execution that can not be run here", () => {
  it("is Failed with the API server's words where that takes no such Job", async () => {
    const { kube, look } = await executorOf(() => ({}), false, { owned: true });
    kube.create = () => Promise.reject(new KubeError("Invalid", "env[0].name: not like that", { status: 422 }));
    const details = (await look())?.status?.failureDetails;
    assert.deepEqual([details?.reason, details?.wasExecutionFailure], ["ConfigurationError", false]);
    assert.match(details?.message ?? "", /not like that/);
  });

  it("is fenced where it was deleted before it began, although its owner names it, and no Job is made (Z108)", async () => {
    const { kube, look } = await executorOf(() => ({}), false, { owned: true });
    await deleteExecution(kube);
    assert.equal((await look())?.status?.failureDetails?.reason, "Deduplicated");
    assert.deepEqual((await kube.list(kinds.Job)).items, []);
  });

  it("is Failed where its target is in another cluster, and no Job is made", async () => {
    const { kube, look } = await executorOf(() => ({}), false, { owned: true, clusterID: "prod-eu" });
    assert.equal((await look())?.status?.failureDetails?.reason, "ConfigurationError");
    assert.deepEqual((await kube.list(kinds.Job)).items, []);
  });
});

describe("an execution that ends", () => {
  it("takes away a Job that was created once more under its name and never resumed", async () => {
    const { kube, look } = await executorOf(() => ({ phase: "Failed", executionRef: { name: "wfe-x", uid: "uid-of-the-first" } }), true);
    await look();
    assert.deepEqual((await kube.list(kinds.Job)).items, []);
  });

  it("leaves a suspended Job that has its Job's name, and that somebody else made (Z104)", async () => {
    const { kube, look } = await executorOf(() => ({ phase: "Failed" }), false);
    const execution = await look();
    assert.ok(execution);
    kube.put(jobCalled(jobNameOf(execution), "uid-of-a-job", { suspend: true }));
    await look();
    assert.equal((await kube.list(kinds.Job)).items.length, 1);
  });

  it("keeps the Job that it ran", async () => {
    const { kube, look } = await executorOf((job) => ({ phase: "Completed", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true);
    const [job] = (await kube.list(kinds.Job)).items;
    assert.ok(job);
    await kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } });
    await look();
    assert.equal((await kube.list(kinds.Job)).items.length, 1);
  });

  it("keeps it where the cache shows it as it was before it was let go (Z104)", async () => {
    const { kube, look, job } = await executorOf((job) => ({ phase: "Completed", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true);
    assert.ok(job);
    justBefore(kube, "delete", kinds.Job, () => kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } }));
    await look();
    assert.deepEqual((await kube.list(kinds.Job)).items.map(({ metadata }) => metadata.uid), [job.metadata.uid]);
  });

  it("takes its finalizer away, and leaves one that somebody has put there since the cache saw it (Z104)", async () => {
    const { kube, look } = await executorOf(() => ({ phase: "Failed" }), false);
    const there = await look();
    assert.ok(there);
    const withFinalizers = (...finalizers: readonly string[]): WorkflowExecution => ({ ...there, metadata: { ...there.metadata, finalizers } });
    kube.put(withFinalizers(WORKFLOW_EXECUTION_FINALIZER));
    justBefore(kube, "patch", kinds.WorkflowExecution, async () => kube.put(withFinalizers(WORKFLOW_EXECUTION_FINALIZER, "example.com/theirs")));
    await look();
    assert.deepEqual((await look())?.metadata.finalizers, ["example.com/theirs"]);
  });

  it("waits for the pods of a Job that somebody deleted, before it is Failed", async () => {
    const { kube, look } = await executorOf((_job, execution) => ({ phase: "Running", executionRef: { name: jobNameOf(execution), uid: "uid-gone" } }), false);
    const pod = await kube.create(kinds.Pod, podOf("uid-gone"));
    assert.equal((await look())?.status?.phase, "Running");
    await kube.delete(kinds.Pod, { namespace: NAMESPACE, name: "left-behind" }, { uid: pod.metadata.uid });
    assert.equal((await look())?.status?.phase, "Failed");
  });

  for (const phase of ["Succeeded", "Failed"] as const) {
    it(`does not wait for a pod that has ${phase} and is kept, as one is whose Job was deleted without it`, async () => {
      const { kube, look } = await executorOf((_job, execution) => ({ phase: "Running", executionRef: { name: jobNameOf(execution), uid: "uid-gone" } }), false);
      const pod = await kube.create(kinds.Pod, podOf("uid-gone"));
      const withPhase = (is: "Running" | "Succeeded" | "Failed"): Pod => ({ ...pod, status: { phase: is } });
      kube.put(withPhase("Running"));
      assert.equal((await look())?.status?.phase, "Running");
      kube.put(withPhase(phase));
      assert.equal((await look())?.status?.phase, "Failed");
    });
  }
});
