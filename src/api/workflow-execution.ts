import type { Duration } from "./duration.ts";
import type { Condition, Json, KubeObject, ObjectReference } from "./object.ts";
import type { TargetString } from "./target.ts";
import type { Timestamp } from "./timestamp.ts";

/** Where a run stands. Completed and Failed are final; Pending is never entered again. */
export type WorkflowPhase = "Pending" | "Running" | "Completed" | "Failed";

/** What runs a workflow. */
export type ExecutionEngine = "tekton" | "job" | "ansible";

/** Why a run failed. `Deduplicated`: it was fenced and never ran. */
export type WorkflowFailureReason =
  | "OOMKilled"
  | "DeadlineExceeded"
  | "Forbidden"
  | "ResourceExhausted"
  | "ConfigurationError"
  | "ImagePullBackOff"
  | "TaskFailed"
  | "UnsupportedEngine"
  | "Unknown"
  | "Deduplicated";

/** Objects of the workload's namespace that a workflow mounts. */
export interface WorkflowDependencies {
  readonly secrets?: readonly { readonly name: string }[];
  readonly configMaps?: readonly { readonly name: string }[];
}

/** Compute resources as core/v1 spells them; quantities as text or number. */
export interface ResourceRequirements {
  readonly limits?: Readonly<Record<string, string | number>>;
  readonly requests?: Readonly<Record<string, string | number>>;
}

/** A workflow of the catalog, pinned. */
export interface WorkflowRef {
  readonly workflowId: string;
  readonly workflowName: string;
  /** PascalCase. */
  readonly actionType: string;
  readonly version: string;
  readonly executionBundle: string;
  readonly executionBundleDigest?: string;
  readonly executionEngine?: ExecutionEngine;
  /** The engine's own; any JSON. */
  readonly engineConfig?: Json;
  readonly serviceAccountName?: string;
  readonly dependencies?: WorkflowDependencies;
  readonly resources?: ResourceRequirements;
  readonly declaredParameterNames?: Readonly<Record<string, boolean>> | null;
}

/** What is to be run, and on what. Immutable. */
export interface WorkflowExecutionSpec {
  readonly remediationRequestRef: ObjectReference;
  readonly workflowRef: WorkflowRef;
  readonly targetResource: TargetString;
  /** Empty or absent: this cluster. */
  readonly clusterID?: string;
  readonly parameters?: Readonly<Record<string, string>>;
  /** 0 to 1. */
  readonly confidence?: number;
  readonly rationale?: string;
  readonly timesOutAt?: Timestamp;
}

/** Why a run failed, for people and for the next attempt. */
export interface WorkflowFailureDetails {
  readonly failedTaskIndex: number;
  readonly failedTaskName: string;
  readonly failedStepName?: string;
  readonly reason: WorkflowFailureReason;
  readonly message: string;
  readonly exitCode?: number;
  readonly failedAt: Timestamp;
  readonly executionTimeBeforeFailure?: Duration;
  readonly naturalLanguageSummary: string;
  /** Whether the workflow had begun to act. */
  readonly wasExecutionFailure?: boolean;
}

/** What the engine reports. */
export interface ExecutionStatus {
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly completedTasks?: number;
  readonly totalTasks?: number;
  readonly retryCount?: number;
}

/** How far a run got. Written by the executor alone. */
export interface WorkflowExecutionStatus {
  readonly observedGeneration?: number;
  /** Absent means Pending: an object is born without a status. */
  readonly phase?: WorkflowPhase;
  readonly startTime?: Timestamp;
  readonly completionTime?: Timestamp;
  readonly duration?: Duration;
  /** The Job or run; `uid` exists in our CRD only. */
  readonly executionRef?: { readonly name?: string; readonly uid?: string };
  readonly executionStatus?: ExecutionStatus;
  readonly failureReason?: string;
  readonly failureDetails?: WorkflowFailureDetails;
  /** Name of the WorkflowExecution that this one gave way to. */
  readonly deduplicatedBy?: string;
  readonly conditions?: readonly Condition[];
}

/** One run of a workflow on one target. */
export interface WorkflowExecution extends KubeObject {
  readonly spec: WorkflowExecutionSpec;
  readonly status?: WorkflowExecutionStatus;
}

/** The phase of a run, Pending when none was written. */
export function phaseOfExecution(execution: WorkflowExecution): WorkflowPhase {
  // The wire may carry an empty phase, which is an absent one.
  return execution.status?.phase || "Pending";
}

/** Whether a run was fenced: it gave way to another one and never acted. */
export function isFenced(execution: WorkflowExecution): boolean {
  return execution.status?.phase === "Failed" && execution.status.failureDetails?.reason === "Deduplicated";
}

/** Whether a run has ended. A phase that we do not know counts as running. */
export function isTerminalExecution(execution: WorkflowExecution): boolean {
  const phase = phaseOfExecution(execution);
  return phase === "Completed" || phase === "Failed";
}
