import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Pod } from "../../../../src/api/pod.ts";
import type { Job, JobStatus } from "../../../../src/apiserver/jobs/job.ts";
import { jobStep, type JobStep } from "../../../../src/apiserver/jobs/job-step.ts";
import { wholeSeconds } from "../../../../src/apiserver/whole-seconds.ts";
import { jobWith, NOW, podWith } from "./fixtures.ts";

const BACKOFF = { baseMs: 10_000, maxMs: 600_000 };
const step = (job: Job, pods: readonly Pod[] = [], nowMs = NOW): JobStep => jobStep(job, pods, nowMs, BACKOFF);
const conditionsOf = (status: JobStatus | undefined): string[] => (status?.conditions ?? []).map(({ type, status: value, reason }) => `${type}=${value} ${reason}`);
const uids = (pods: readonly Pod[]): string[] => pods.map((pod) => pod.metadata.uid);
const started: JobStatus = { startTime: wholeSeconds(NOW), active: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} };

describe("a job that starts", () => {
  it("gets its start time and its pod in one step", () => {
    const { createPods, interimStatus, finalStatus } = step(jobWith());
    assert.equal(createPods, 1);
    assert.deepEqual(interimStatus, { startTime: wholeSeconds(NOW), active: 1, ready: 0, terminating: 0, uncountedTerminatedPods: {} });
    assert.equal(finalStatus, undefined);
  });

  it("asks for nothing when its pod is there and its status says so", () => {
    const { createPods, deletePods, interimStatus, releasePods, finalStatus } = step(jobWith({}, started), [podWith("a")]);
    assert.deepEqual([createPods, deletePods, interimStatus, releasePods, finalStatus], [0, [], undefined, [], undefined]);
  });

  it("runs at most as many pods at once as parallelism, and no more than completions are missing", () => {
    assert.equal(step(jobWith({ completions: 5, parallelism: 2 })).createPods, 2);
    assert.equal(step(jobWith({ completions: 5, parallelism: 3 }, { ...started, active: 0, succeeded: 4 })).createPods, 1);
  });

  it("counts ready pods", () => {
    assert.equal(step(jobWith({}, started), [podWith("a", { phase: "Running", ready: true })]).interimStatus?.ready, 1);
  });
});

describe("a suspended job", () => {
  it("has no pod, no start time and says Suspended", () => {
    const { createPods, interimStatus } = step(jobWith({ suspend: true }));
    assert.equal(createPods, 0);
    assert.deepEqual(conditionsOf(interimStatus), ["Suspended=True JobSuspended"]);
    assert.equal(interimStatus?.startTime, undefined);
    assert.equal(interimStatus?.active, undefined);
  });

  it("starts, says JobResumed and has its pod in the step that sees it resumed", () => {
    const before = step(jobWith({ suspend: true })).interimStatus ?? {};
    const { createPods, interimStatus } = step(jobWith({ suspend: false }, before), [], NOW + 5000);
    assert.equal(createPods, 1);
    assert.deepEqual(conditionsOf(interimStatus), ["Suspended=False JobResumed"]);
    assert.equal(interimStatus?.startTime, wholeSeconds(NOW + 5000));
  });

  it("discards its pods, uncounted, when it is suspended while they run", () => {
    const { discardPods, releasePods, interimStatus } = step(jobWith({ suspend: true }, started), [podWith("a", { phase: "Running" })]);
    assert.deepEqual(uids(discardPods), ["a"]);
    assert.deepEqual(releasePods, []);
    assert.equal(interimStatus?.startTime, undefined);
    assert.equal(interimStatus?.terminating, 1);
  });

  it("is not failed by its deadline", () => {
    const { interimStatus, lookAgainAtMs } = step(jobWith({ suspend: true, activeDeadlineSeconds: 1 }), [], NOW + 60_000);
    assert.deepEqual(conditionsOf(interimStatus), ["Suspended=True JobSuspended"]);
    assert.equal(lookAgainAtMs, undefined);
  });
});

describe("a job whose pod succeeded", () => {
  it("names it as uncounted, then releases it, then counts it and is Complete", () => {
    const { interimStatus, releasePods, finalStatus } = step(jobWith({}, started), [podWith("a", { phase: "Succeeded" })]);
    assert.deepEqual(interimStatus?.uncountedTerminatedPods, { succeeded: ["a"] });
    assert.deepEqual(conditionsOf(interimStatus), ["SuccessCriteriaMet=True CompletionsReached"]);
    assert.equal(interimStatus?.succeeded, undefined);
    assert.deepEqual(uids(releasePods), ["a"]);
    assert.deepEqual(conditionsOf(finalStatus), ["SuccessCriteriaMet=True CompletionsReached", "Complete=True CompletionsReached"]);
    assert.equal(finalStatus?.succeeded, 1);
    assert.equal(finalStatus?.completionTime, wholeSeconds(NOW));
    assert.deepEqual(finalStatus?.uncountedTerminatedPods, {});
  });

  it("counts it once when the controller died after the interim status", () => {
    const interim = step(jobWith({}, started), [podWith("a", { phase: "Succeeded" })]).interimStatus ?? {};
    const again = step(jobWith({}, interim), [podWith("a", { phase: "Succeeded" })]);
    assert.equal(again.finalStatus?.succeeded, 1);
    assert.equal(again.createPods, 0);
  });

  it("counts it once when the controller died after the finalizer went", () => {
    const interim = step(jobWith({}, started), [podWith("a", { phase: "Succeeded" })]).interimStatus ?? {};
    const again = step(jobWith({}, interim), [podWith("a", { phase: "Succeeded", tracked: false })]);
    assert.equal((again.finalStatus ?? again.interimStatus)?.succeeded, 1);
    assert.ok(conditionsOf(again.finalStatus).includes("Complete=True CompletionsReached"));
  });

  it("goes on with the next pod while completions are missing", () => {
    const { createPods, finalStatus } = step(jobWith({ completions: 2 }, started), [podWith("a", { phase: "Succeeded" })]);
    assert.equal(createPods, 1);
    assert.equal(finalStatus?.succeeded, 1);
    assert.deepEqual(conditionsOf(finalStatus), []);
  });
});

describe("a job whose pod failed", () => {
  it("is Failed at once with backoffLimit 0", () => {
    const { createPods, interimStatus, finalStatus } = step(jobWith({}, started), [podWith("a", { phase: "Failed", endedMs: NOW })]);
    assert.equal(createPods, 0);
    assert.deepEqual(conditionsOf(interimStatus), ["FailureTarget=True BackoffLimitExceeded"]);
    assert.deepEqual(conditionsOf(finalStatus), ["FailureTarget=True BackoffLimitExceeded", "Failed=True BackoffLimitExceeded"]);
    assert.equal(finalStatus?.failed, 1);
    assert.equal(finalStatus?.completionTime, undefined);
  });

  it("makes another pod 10 s after the first failure and 20 s after the second", () => {
    const once = [podWith("a", { phase: "Failed", endedMs: NOW })];
    const early = step(jobWith({ backoffLimit: 3 }, started), once, NOW + 9999);
    assert.equal(early.createPods, 0);
    assert.equal(early.lookAgainAtMs, NOW + 10_000);
    assert.equal(step(jobWith({ backoffLimit: 3 }, started), once, NOW + 10_000).createPods, 1);
    const twice = [...once, podWith("b", { phase: "Failed", endedMs: NOW + 15_000 })];
    assert.equal(step(jobWith({ backoffLimit: 3 }, started), twice, NOW + 15_000).lookAgainAtMs, NOW + 35_000);
  });

  it("counts restarts of containers when the policy is OnFailure", () => {
    const job = jobWith({ backoffLimit: 2, template: { spec: { restartPolicy: "OnFailure", containers: [] } } }, started);
    assert.deepEqual(uids(step(job, [podWith("a", { phase: "Running", restarts: 1 })]).deletePods), []);
    assert.deepEqual(uids(step(job, [podWith("a", { phase: "Running", restarts: 2 })]).deletePods), ["a"]);
  });
});

describe("the deadline of a job", () => {
  const running = [podWith("a", { phase: "Running", ready: true })];
  const job = jobWith({ activeDeadlineSeconds: 5 }, { ...started, ready: 1 });

  it("is looked at when it comes, not before", () => {
    assert.equal(step(job, running, NOW + 4999).lookAgainAtMs, NOW + 5000);
    assert.deepEqual(step(job, running, NOW + 4999).deletePods, []);
  });

  it("deletes the pods first; the job is Failed only when none is terminating any more", () => {
    const late = step(job, running, NOW + 5000);
    assert.deepEqual(uids(late.deletePods), ["a"]);
    assert.deepEqual(conditionsOf(late.finalStatus ?? late.interimStatus), ["FailureTarget=True DeadlineExceeded"]);
    const terminating = step(jobWith({ activeDeadlineSeconds: 5 }, late.finalStatus ?? {}), [podWith("a", { phase: "Running", deleted: true, tracked: false })], NOW + 6000);
    assert.equal(terminating.finalStatus, undefined);
    const gone = step(jobWith({ activeDeadlineSeconds: 5 }, late.finalStatus ?? {}), [], NOW + 7000);
    assert.deepEqual(conditionsOf(gone.finalStatus), ["FailureTarget=True DeadlineExceeded", "Failed=True DeadlineExceeded"]);
    assert.equal(gone.finalStatus?.failed, 1);
  });
});

describe("a pod that is being deleted by somebody", () => {
  const deleted = [podWith("a", { phase: "Running", deleted: true })];

  it("is replaced only when it has ended under podReplacementPolicy Failed", () => {
    const job = jobWith({ backoffLimit: 3, podReplacementPolicy: "Failed" }, started);
    const { createPods, releasePods } = step(job, deleted);
    assert.deepEqual([createPods, releasePods], [0, []]);
  });

  it("counts as failed at once otherwise", () => {
    const { releasePods, finalStatus } = step(jobWith({ backoffLimit: 3 }, started), deleted);
    assert.deepEqual(uids(releasePods), ["a"]);
    assert.equal(finalStatus?.failed, 1);
  });
});

describe("a job that is being deleted", () => {
  const job = jobWith({ podReplacementPolicy: "Failed" }, started, { deletionTimestamp: wholeSeconds(NOW), finalizers: ["foregroundDeletion"] });

  it("makes no pod", () => {
    assert.equal(step(job).createPods, 0);
  });

  it("releases its pods, whatever they do, and leaves their deletion to the garbage collector", () => {
    const { deletePods, releasePods } = step(job, [podWith("a", { phase: "Running" }), podWith("b", { phase: "Running", deleted: true })]);
    assert.deepEqual(deletePods, []);
    assert.deepEqual(uids(releasePods), ["a", "b"]);
  });
});
