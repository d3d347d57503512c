import type { Pod } from "../../api/pod.ts";
import { trueCondition, type Job } from "./job.ts";
import type { Tally } from "./job-pods.ts";

/** How a job is going to end. `announced`: its interim condition (SuccessCriteriaMet, FailureTarget) has been written already. */
export interface Verdict {
  readonly outcome: "Complete" | "Failed";
  readonly reason: string;
  readonly message: string;
  readonly announced: boolean;
}

/** The verdict that stands already, or a failure; undefined while the job may go on. Success is judged after its pods were managed. */
export function judgeJob(job: Job, pods: readonly Pod[], count: Tally, nowMs: number): Verdict | undefined {
  const met = trueCondition(job, "SuccessCriteriaMet");
  if (met) return { outcome: "Complete", reason: met.reason, message: met.message, announced: true };
  const target = trueCondition(job, "FailureTarget");
  if (target) return { outcome: "Failed", reason: target.reason, message: target.message, announced: true };
  if (count.failed > backoffLimitOf(job) || restartedTooOften(job, pods)) return failure("BackoffLimitExceeded", "Job has reached the specified backoff limit");
  if (isPastDeadline(job, nowMs)) return failure("DeadlineExceeded", "Job was active longer than specified deadline");
  return undefined;
}

function failure(reason: string, message: string): Verdict {
  return { outcome: "Failed", reason, message, announced: false };
}

function backoffLimitOf(job: Job): number {
  return job.spec.backoffLimit ?? 6;
}

// With restartPolicy OnFailure the pod stays and its containers start again: their restarts are the failures.
function restartedTooOften(job: Job, pods: readonly Pod[]): boolean {
  if (job.spec.template.spec.restartPolicy !== "OnFailure") return false;
  const alive = pods.filter((pod) => pod.status?.phase === "Running" || pod.status?.phase === "Pending");
  const statuses = alive.flatMap((pod) => [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]);
  const restarts = statuses.reduce((sum, status) => sum + (status.restartCount ?? 0), 0);
  return backoffLimitOf(job) === 0 ? restarts > 0 : restarts >= backoffLimitOf(job);
}

function isPastDeadline(job: Job, nowMs: number): boolean {
  const { activeDeadlineSeconds, suspend } = job.spec;
  if (activeDeadlineSeconds === undefined || suspend || job.status?.startTime === undefined) return false;
  return nowMs - Date.parse(job.status.startTime) >= activeDeadlineSeconds * 1000;
}
