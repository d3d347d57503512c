import type { Pod } from "../../api/pod.ts";
import { wholeSeconds } from "../whole-seconds.ts";
import { trueCondition, type Job, type JobCondition, type JobConditionType, type JobStatus, type UncountedPods } from "./job.ts";
import { countsAsFailed, type Tally } from "./job-pods.ts";
import type { Verdict } from "./job-verdict.ts";
import { isTracked } from "./pod.ts";

/** The status writes of one step, around the release of finalizers: a pod is counted once even if we die in between. */
export interface JobWrites {
  /** Names the ended pods as uncounted; undefined when nothing of the status changes before the release. */
  readonly interimStatus: JobStatus | undefined;
  readonly releasePods: readonly Pod[];
  /** Moves them into the counters and ends the job when all is done; undefined when that changes nothing. */
  readonly finalStatus: JobStatus | undefined;
}

interface Settlement {
  readonly job: Job;
  readonly pods: readonly Pod[];
  /** As it will be after the step's deletes and creates. */
  readonly count: Tally;
  readonly verdict: Verdict | undefined;
  readonly suspensionChanged: boolean;
  readonly nowMs: number;
}

/** Counts what ended, and ends the job when its verdict stands, every pod is counted and none is terminating. */
export function settle(input: Settlement): JobWrites {
  const { job, pods, count, verdict, nowMs } = input;
  const before = job.status ?? {};
  const tracked = new Set(pods.filter(isTracked).map((pod) => pod.metadata.uid));
  const cleaned = countReleased({ ...before, ...activity(count) }, tracked);
  const releasePods = pods.filter((pod) => isTracked(pod) && mayRelease(pod, job, verdict));
  const interim = announce({ ...cleaned, uncountedTerminatedPods: newlyUncounted(cleaned, releasePods, job, verdict) }, job, verdict, nowMs);
  const released = new Set(releasePods.map((pod) => pod.metadata.uid));
  const counted = countReleased(interim, new Set([...tracked].filter((uid) => !released.has(uid))));
  const final = verdict && isAllCounted(counted) && count.terminating === 0 ? finish(counted, verdict, nowMs) : counted;
  const flush = input.suspensionChanged || differs(before, interim);
  return { interimStatus: flush ? onTheWire(interim) : undefined, releasePods, finalStatus: differs(interim, final) ? onTheWire(final) : undefined };
}

/** `status` with one condition set; unchanged when it says so already. */
export function withCondition(status: JobStatus, type: JobConditionType, value: "True" | "False", reason: string, message: string, nowMs: number): JobStatus {
  const time = wholeSeconds(nowMs);
  const condition: JobCondition = { type, status: value, lastProbeTime: time, lastTransitionTime: time, reason, message };
  const conditions = status.conditions ?? [];
  const known = conditions.find((other) => other.type === type);
  if (!known) return { ...status, conditions: [...conditions, condition] };
  if (known.status === value && known.reason === reason && known.message === message) return status;
  return { ...status, conditions: conditions.map((other) => (other.type === type ? condition : other)) };
}

function activity(count: Tally): JobStatus {
  return { active: count.active, ready: count.ready, terminating: count.terminating };
}

// Everything may go when the job is ending or being deleted; otherwise only what has ended.
function mayRelease(pod: Pod, job: Job, verdict: Verdict | undefined): boolean {
  return job.metadata.deletionTimestamp !== undefined || verdict !== undefined || pod.status?.phase === "Succeeded" || countsAsFailed(pod, job);
}

// Of a failing job every pod that has not succeeded has failed, ended or not.
function newlyUncounted(status: JobStatus, releasePods: readonly Pod[], job: Job, verdict: Verdict | undefined): UncountedPods {
  const succeeded = [...(status.uncountedTerminatedPods?.succeeded ?? [])];
  const failed = [...(status.uncountedTerminatedPods?.failed ?? [])];
  for (const pod of releasePods) {
    const { uid } = pod.metadata;
    if (succeeded.includes(uid) || failed.includes(uid)) continue;
    if (pod.status?.phase === "Succeeded") succeeded.push(uid);
    else if (countsAsFailed(pod, job) || verdict?.outcome === "Failed") failed.push(uid);
  }
  return uncounted(succeeded, failed);
}

function uncounted(succeeded: readonly string[], failed: readonly string[]): UncountedPods {
  return { ...(succeeded.length > 0 ? { succeeded } : {}), ...(failed.length > 0 ? { failed } : {}) };
}

// An uncounted pod without the finalizer (or gone) belongs into the counters.
function countReleased(status: JobStatus, stillTracked: ReadonlySet<string>): JobStatus {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  const keptSucceeded = succeeded.filter((uid) => stillTracked.has(uid));
  const keptFailed = failed.filter((uid) => stillTracked.has(uid));
  return {
    ...status,
    succeeded: (status.succeeded ?? 0) + succeeded.length - keptSucceeded.length,
    failed: (status.failed ?? 0) + failed.length - keptFailed.length,
    uncountedTerminatedPods: uncounted(keptSucceeded, keptFailed),
  };
}

function isAllCounted(status: JobStatus): boolean {
  const { succeeded = [], failed = [] } = status.uncountedTerminatedPods ?? {};
  return succeeded.length + failed.length === 0;
}

function announce(status: JobStatus, job: Job, verdict: Verdict | undefined, nowMs: number): JobStatus {
  if (!verdict || verdict.announced) return status;
  const type = verdict.outcome === "Complete" ? "SuccessCriteriaMet" : "FailureTarget";
  if (trueCondition(job, type)) return status;
  return withCondition(status, type, "True", verdict.reason, verdict.message, nowMs);
}

function finish(status: JobStatus, verdict: Verdict, nowMs: number): JobStatus {
  const ended = withCondition(status, verdict.outcome, "True", verdict.reason, verdict.message, nowMs);
  return verdict.outcome === "Complete" ? { ...ended, completionTime: wholeSeconds(nowMs) } : ended;
}

// Counters of zero are left out, as Go leaves them out; `ready` and `terminating` are pointers there and stay.
function onTheWire({ active, succeeded, failed, ...rest }: JobStatus): JobStatus {
  return { ...rest, ...(active ? { active } : {}), ...(succeeded ? { succeeded } : {}), ...(failed ? { failed } : {}) };
}

// Zero and absent are the same number; an absent `ready` or `terminating` is still to be written once.
function differs(before: JobStatus, after: JobStatus): boolean {
  return (
    (before.active ?? 0) !== (after.active ?? 0) ||
    before.ready !== after.ready ||
    before.terminating !== after.terminating ||
    (before.succeeded ?? 0) !== (after.succeeded ?? 0) ||
    (before.failed ?? 0) !== (after.failed ?? 0) ||
    before.conditions !== after.conditions ||
    before.startTime !== after.startTime ||
    JSON.stringify(before.uncountedTerminatedPods ?? {}) !== JSON.stringify(after.uncountedTerminatedPods ?? {})
  );
}
