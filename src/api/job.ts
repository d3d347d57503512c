import type { KubeObject } from "./object.ts";
import type { PodTemplate } from "./pod.ts";
import type { Timestamp } from "./timestamp.ts";

/** A condition of a Job. `Complete` and `Failed` at True are final. */
export interface JobCondition {
  readonly type: "Complete" | "Failed" | "Suspended" | "FailureTarget" | "SuccessCriteriaMet" | (string & {});
  readonly status: "True" | "False" | "Unknown";
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: Timestamp;
}

/** batch/v1 Job, the part that we write and read. */
export interface Job extends KubeObject {
  readonly spec: {
    readonly suspend?: boolean;
    readonly backoffLimit?: number;
    readonly activeDeadlineSeconds?: number;
    readonly ttlSecondsAfterFinished?: number;
    readonly podReplacementPolicy?: "Failed" | "TerminatingOrFailed";
    readonly parallelism?: number;
    readonly completions?: number;
    readonly template: PodTemplate;
  };
  readonly status?: {
    readonly conditions?: readonly JobCondition[];
    readonly active?: number;
    readonly ready?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    /** Pods that are being deleted and may still run. */
    readonly terminating?: number;
    readonly startTime?: Timestamp;
    readonly completionTime?: Timestamp;
  };
}

/** The final condition of a Job (`Complete` or `Failed` at True); undefined while it may still run. */
export function finalConditionOf(job: Job): JobCondition | undefined {
  return job.status?.conditions?.find(({ type, status }) => (type === "Complete" || type === "Failed") && status === "True");
}
