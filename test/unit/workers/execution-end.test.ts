import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Job } from "../../../src/api/job.ts";
import type { Draft } from "../../../src/api/object.ts";
import type { Pod } from "../../../src/api/pod.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createExecutionReconciler } from "../../../src/workers/execution/execution-reconciler.ts";
import { jobFor } from "../../../src/workers/execution/job-for.ts";
import { NAMESPACE, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const KEY = `${NAMESPACE}/we-a`;

/** An execution as it is stored, a Job of its own if wanted, and an executor whose caches are up to date at every look. */
async function executorOf(status: (job: Job | undefined) => WorkflowExecutionStatus, withJob: boolean) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  // Nobody owns it here, so nobody else's state stops it.
  const born = await kube.create(kinds.WorkflowExecution, workflowExecution(null, undefined, { meta: { name: "we-a" } }));
  const job = withJob ? await kube.create(kinds.Job, jobFor(born, clock.now())) : undefined;
  await kube.replaceStatus(kinds.WorkflowExecution, { ...born, status: status(job) });
  const look = async (): Promise<WorkflowExecution | undefined> => {
    const execution = await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
    const jobs = (await kube.list(kinds.Job)).items;
    const reader = <T>(object: T | undefined) => ({ get: () => object, list: () => (object ? [object] : []), byIndex: () => [], synced: true });
    const reconcile = createExecutionReconciler({ client: kube, executions: reader(execution), executionsOn: () => (execution ? [execution] : []), observe: () => undefined, jobs: reader(jobs[0]), clock, safetyPollMs: 30_000 });
    await reconcile(KEY, { signal: new AbortController().signal, log: silentLogger });
    return kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" });
  };
  return { kube, look };
}

function podOf(jobUid: string): Draft<Pod> {
  const labels = { "batch.kubernetes.io/controller-uid": jobUid };
  return { apiVersion: "v1", kind: "Pod", metadata: { name: "left-behind", namespace: NAMESPACE, labels }, spec: { containers: [] } };
}

describe("an execution that ends", () => {
  it("takes away a Job that was created once more under its name and never resumed", async () => {
    const { kube, look } = await executorOf(() => ({ phase: "Failed", executionRef: { name: "wfe-x", uid: "uid-of-the-first" } }), true);
    await look();
    assert.deepEqual((await kube.list(kinds.Job)).items, []);
  });

  it("keeps the Job that it ran", async () => {
    const { kube, look } = await executorOf((job) => ({ phase: "Completed", executionRef: { name: job?.metadata.name ?? "", uid: job?.metadata.uid ?? "" } }), true);
    const [job] = (await kube.list(kinds.Job)).items;
    assert.ok(job);
    await kube.replace(kinds.Job, { ...job, spec: { ...job.spec, suspend: false } });
    await look();
    assert.equal((await kube.list(kinds.Job)).items.length, 1);
  });

  it("waits for the pods of a Job that somebody deleted, before it is Failed", async () => {
    const { kube, look } = await executorOf(() => ({ phase: "Running", executionRef: { name: "wfe-gone", uid: "uid-gone" } }), false);
    const pod = await kube.create(kinds.Pod, podOf("uid-gone"));
    assert.equal((await look())?.status?.phase, "Running");
    await kube.delete(kinds.Pod, { namespace: NAMESPACE, name: "left-behind" }, { uid: pod.metadata.uid });
    assert.equal((await look())?.status?.phase, "Failed");
  });
});
