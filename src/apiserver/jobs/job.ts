import type { Job as ApiJob } from "../../api/job.ts";
import type { KindInfo } from "../../api/kind.ts";
import type { KubeObject } from "../../api/object.ts";
import type { Timestamp } from "../../api/timestamp.ts";

export type JobConditionType = "Suspended" | "Complete" | "Failed" | "FailureTarget" | "SuccessCriteriaMet";

/** A condition as the controller writes it. */
export interface JobCondition {
  readonly type: JobConditionType;
  readonly status: "True" | "False";
  readonly lastProbeTime: Timestamp;
  readonly lastTransitionTime: Timestamp;
  readonly reason: string;
  readonly message: string;
}

/** Uids of pods that have ended, are not in the counters yet, and may still carry the tracking finalizer. */
export interface UncountedPods {
  readonly succeeded?: readonly string[];
  readonly failed?: readonly string[];
}

export interface JobStatus {
  readonly conditions?: readonly JobCondition[];
  readonly startTime?: Timestamp;
  readonly completionTime?: Timestamp;
  readonly active?: number;
  readonly ready?: number;
  readonly terminating?: number;
  readonly succeeded?: number;
  readonly failed?: number;
  readonly uncountedTerminatedPods?: UncountedPods;
}

/** A batch/v1 Job as its controller sees it: more of spec and status than its users need. */
export interface Job extends KubeObject {
  readonly spec: ApiJob["spec"] & { readonly completionMode?: "NonIndexed" | "Indexed"; readonly managedBy?: string };
  readonly status?: JobStatus;
}

/** The kind Job, with the controller's view of it. */
export const JOB: KindInfo<Job> = { group: "batch", version: "v1", kind: "Job", plural: "jobs", namespaced: true };

/** The condition of a type when it is True. */
export function trueCondition(job: Job, type: JobConditionType): JobCondition | undefined {
  return job.status?.conditions?.find((condition) => condition.type === type && condition.status === "True");
}

/** The Complete or Failed condition of a job that has ended. */
export function finishedCondition(job: Job): JobCondition | undefined {
  return trueCondition(job, "Complete") ?? trueCondition(job, "Failed");
}

/** Whether this controller runs the job: not one managed by another controller, and not an Indexed one, which it does not know. */
export function isOurs(job: Job): boolean {
  const { managedBy, completionMode } = job.spec;
  return (managedBy === undefined || managedBy === "kubernetes.io/job-controller") && completionMode !== "Indexed";
}
