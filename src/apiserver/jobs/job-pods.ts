import type { Pod } from "../../api/pod.ts";
import type { Job } from "./job.ts";
import { finishedAtMs, isActive, isDeleted, isReady, isTerminating, isTracked } from "./pod.ts";

/** Pods of a job by state; `succeeded` and `failed` include those that are not in the job's counters yet. */
export interface Tally {
  readonly active: number;
  readonly ready: number;
  readonly terminating: number;
  readonly succeeded: number;
  readonly failed: number;
}

/** How long a failed pod's replacement waits: doubles with every failure after the last success. */
export interface PodBackoff {
  readonly baseMs: number;
  readonly maxMs: number;
}

/** Whether a pod counts as failed: with podReplacementPolicy Failed only when it has really ended. */
export function countsAsFailed(pod: Pod, job: Job): boolean {
  if (pod.status?.phase === "Failed") return true;
  if (job.spec.podReplacementPolicy === "Failed") return false;
  return isDeleted(pod) && pod.status?.phase !== "Succeeded";
}

/** Counts `pods` against the job's counters; each pod is counted once, whether its finalizer is still there or not. */
export function tally(job: Job, pods: readonly Pod[]): Tally {
  const status = job.status ?? {};
  const succeededBefore = status.uncountedTerminatedPods?.succeeded ?? [];
  const failedBefore = status.uncountedTerminatedPods?.failed ?? [];
  const active = pods.filter(isActive);
  const newlySucceeded = pods.filter((pod) => isTracked(pod) && !succeededBefore.includes(pod.metadata.uid) && pod.status?.phase === "Succeeded");
  const newlyFailed = pods.filter((pod) => isTracked(pod) && !failedBefore.includes(pod.metadata.uid) && countsAsFailed(pod, job));
  return {
    active: active.length,
    ready: active.filter(isReady).length,
    terminating: pods.filter(isTerminating).length,
    succeeded: (status.succeeded ?? 0) + succeededBefore.length + newlySucceeded.length,
    failed: (status.failed ?? 0) + failedBefore.length + newlyFailed.length,
  };
}

/** What the number of running pods asks for; `count` is the tally afterwards. */
export interface PodPlan {
  readonly discardPods: readonly Pod[];
  readonly createPods: number;
  readonly retryAtMs: number | undefined;
  readonly count: Tally;
}

/** Brings the number of active pods to what the spec wants: discards or creates, never both at once. */
export function managePods(job: Job, pods: readonly Pod[], count: Tally, nowMs: number, backoff: PodBackoff): PodPlan {
  const nothing: PodPlan = { discardPods: [], createPods: 0, retryAtMs: undefined, count };
  const want = wantedActive(job, count);
  const surplus = pods.filter(isActive).slice(0, Math.max(0, count.active - want));
  if (surplus.length > 0 || job.spec.suspend) return { ...nothing, discardPods: surplus, count: without(count, surplus) };
  const stillThere = job.spec.podReplacementPolicy === "Failed" ? count.terminating : 0;
  const missing = want - count.active - stillThere;
  if (missing <= 0) return nothing;
  const retryAtMs = backoffEndMs(pods, backoff);
  if (retryAtMs > nowMs) return { ...nothing, retryAtMs };
  return { ...nothing, createPods: missing, count: { ...count, active: count.active + missing } };
}

function wantedActive(job: Job, count: Tally): number {
  const { suspend, completions, parallelism = 1 } = job.spec;
  if (suspend) return 0;
  if (completions === undefined) return count.succeeded > 0 ? count.active : parallelism;
  return Math.max(0, Math.min(completions - count.succeeded, parallelism));
}

function without(count: Tally, discarded: readonly Pod[]): Tally {
  return {
    ...count,
    active: count.active - discarded.length,
    ready: count.ready - discarded.filter(isReady).length,
    terminating: count.terminating + discarded.length,
  };
}

// Told by the pods that are still there: each failure since the last success doubles the wait.
function backoffEndMs(pods: readonly Pod[], backoff: PodBackoff): number {
  const lastSuccessMs = Math.max(...pods.filter((pod) => pod.status?.phase === "Succeeded").map(finishedAtMs), Number.NEGATIVE_INFINITY);
  const failures = pods.filter((pod) => pod.status?.phase === "Failed").map(finishedAtMs).filter((endMs) => endMs > lastSuccessMs);
  if (failures.length === 0) return Number.NEGATIVE_INFINITY;
  return Math.max(...failures) + Math.min(backoff.maxMs, backoff.baseMs * 2 ** (failures.length - 1));
}
