import { hasEnded, type Pod } from "../../api/pod.ts";

/** The finalizer by which the job controller counts every pod exactly once. */
export const JOB_TRACKING = "batch.kubernetes.io/job-tracking";

/** Whether the pod still waits to be counted by its job. */
export function isTracked(pod: Pod): boolean {
  return pod.metadata.finalizers?.includes(JOB_TRACKING) ?? false;
}

/** Whether somebody has deleted the pod; it may still run. */
export function isDeleted(pod: Pod): boolean {
  return pod.metadata.deletionTimestamp !== undefined;
}

/** Whether the pod may run or runs, and nobody has deleted it. */
export function isActive(pod: Pod): boolean {
  return !hasEnded(pod) && !isDeleted(pod);
}

/** Whether the pod has been deleted but has not ended. */
export function isTerminating(pod: Pod): boolean {
  return !hasEnded(pod) && isDeleted(pod);
}

/** Whether the pod's Ready condition is True. */
export function isReady(pod: Pod): boolean {
  return pod.status?.conditions?.some((condition) => condition.type === "Ready" && condition.status === "True") ?? false;
}

/** When the pod ended, by the last of its containers; when it was created if no container says so. */
export function finishedAtMs(pod: Pod): number {
  const ends = (pod.status?.containerStatuses ?? []).map((container) => Date.parse(container.state?.terminated?.finishedAt ?? ""));
  const last = Math.max(...ends);
  return ends.length > 0 && Number.isFinite(last) ? last : Date.parse(pod.metadata.creationTimestamp);
}
