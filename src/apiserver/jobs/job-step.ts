import type { Pod } from "../../api/pod.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { trueCondition, type Job, type JobStatus } from "./job.ts";
import { judgeJob, type Verdict } from "./job-verdict.ts";
import { managePods, tally, type PodBackoff, type Tally } from "./job-pods.ts";
import { settle, withCondition, type JobWrites } from "./job-status.ts";
import { isActive } from "./pod.ts";

/** What one look at a job asks for, in this order: discard, delete, create, `interimStatus`, release finalizers, `finalStatus`. */
export interface JobStep extends JobWrites {
  /** Pods that are too many: released and then deleted, so that they never count as failed. */
  readonly discardPods: readonly Pod[];
  readonly deletePods: readonly Pod[];
  readonly createPods: number;
  /** Epoch milliseconds at which the job must be looked at again even if nothing happens: deadline or pod backoff. */
  readonly lookAgainAtMs: number | undefined;
}

/**
 * The decision of kube-controller-manager 1.37's job controller for an unfinished NonIndexed job, as a pure function.
 * `pods` are all that the job controls. Assumes that the writes it asks for succeed: at the first refusal, drop the rest and look again.
 */
export function jobStep(job: Job, pods: readonly Pod[], nowMs: number, backoff: PodBackoff): JobStep {
  const started = withStartTime(job, nowMs);
  const count = tally(started, pods);
  const verdict = judgeJob(started, pods, count, nowMs);
  if (verdict) return endJob(started, pods, count, verdict, nowMs);
  return runJob(started, pods, count, nowMs, backoff);
}

function withStartTime(job: Job, nowMs: number): Job {
  if (job.status?.startTime !== undefined || job.spec.suspend) return job;
  return { ...job, status: { ...job.status, startTime: wholeSeconds(nowMs) } };
}

function endJob(job: Job, pods: readonly Pod[], count: Tally, verdict: Verdict, nowMs: number): JobStep {
  const deletePods = pods.filter(isActive);
  const after: Tally = { ...count, active: 0, ready: 0, terminating: count.terminating + deletePods.length };
  return { discardPods: [], deletePods, createPods: 0, lookAgainAtMs: undefined, ...settle({ job, pods, count: after, verdict, suspensionChanged: false, nowMs }) };
}

function runJob(job: Job, pods: readonly Pod[], count: Tally, nowMs: number, backoff: PodBackoff): JobStep {
  const beingDeleted = job.metadata.deletionTimestamp !== undefined;
  const managed = beingDeleted ? { discardPods: [], createPods: 0, retryAtMs: undefined, count } : managePods(job, pods, count, nowMs, backoff);
  const verdict = completed(job, managed.count) ? COMPLETED : undefined;
  const next = verdict || beingDeleted ? job : withSuspension(job, nowMs);
  const kept = pods.filter((pod) => !managed.discardPods.includes(pod));
  const writes = settle({ job: next, pods: kept, count: managed.count, verdict, suspensionChanged: next !== job, nowMs });
  return { discardPods: managed.discardPods, deletePods: [], createPods: managed.createPods, ...writes, lookAgainAtMs: verdict ? undefined : earliest(managed.retryAtMs, deadlineMs(next)) };
}

const COMPLETED: Verdict = { outcome: "Complete", reason: "CompletionsReached", message: "Reached expected number of succeeded pods", announced: false };

// Without `completions` one success is enough, once nothing runs any more.
function completed(job: Job, count: Tally): boolean {
  return count.active === 0 && (job.spec.completions === undefined ? count.succeeded > 0 : count.succeeded >= job.spec.completions);
}

// A job that was never suspended has no such condition at all; a resumed one starts its deadline anew.
function withSuspension(job: Job, nowMs: number): Job {
  const status: JobStatus = job.status ?? {};
  if (job.spec.suspend) {
    if (trueCondition(job, "Suspended")) return job;
    const { startTime: _, ...rest } = status;
    return { ...job, status: withCondition(rest, "Suspended", "True", "JobSuspended", "Job suspended", nowMs) };
  }
  if (!trueCondition(job, "Suspended")) return job;
  return { ...job, status: { ...withCondition(status, "Suspended", "False", "JobResumed", "Job resumed", nowMs), startTime: wholeSeconds(nowMs) } };
}

function deadlineMs(job: Job): number | undefined {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || suspend || job.status?.startTime === undefined) return undefined;
  return Date.parse(job.status.startTime) + activeDeadlineSeconds * 1000;
}

function earliest(...times: readonly (number | undefined)[]): number | undefined {
  const given = times.filter((time) => time !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
