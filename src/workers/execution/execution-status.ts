import { formatDuration } from "../../api/duration.ts";
import type { Condition } from "../../api/object.ts";
import { epochMsOf, timestamp } from "../../api/timestamp.ts";
import type { WorkflowExecution, WorkflowExecutionStatus, WorkflowFailureReason } from "../../api/workflow-execution.ts";

/** Why an execution failed, before the times are filled in. */
export interface Failure {
  readonly reason: WorkflowFailureReason;
  readonly message: string;
  /** Whether the workflow may have acted. */
  readonly acted: boolean;
  readonly exitCode?: number;
}

/** The execution as fenced: it gives way to `winner` (absent: its owner does not want it) and never ran. */
export function fencedStatus(execution: WorkflowExecution, winner: string | undefined, message: string, nowMs: number): WorkflowExecutionStatus {
  const failed = failedStatus(execution, { reason: "Deduplicated", message, acted: false }, nowMs);
  return winner ? { ...failed, deduplicatedBy: winner } : failed;
}

/** The execution as Running under this very Job. */
export function runningStatus(execution: WorkflowExecution, job: { readonly name: string; readonly uid: string }, nowMs: number): WorkflowExecutionStatus {
  const running = withCondition(execution.status, { type: "ExecutionRunning", status: "True", reason: "JobResumed", message: `Job ${job.name} runs` }, nowMs);
  return { ...running, phase: "Running", startTime: timestamp(nowMs), executionRef: { name: job.name, uid: job.uid } };
}

/** The execution as Completed. */
export function completedStatus(execution: WorkflowExecution, nowMs: number): WorkflowExecutionStatus {
  const complete = withCondition(execution.status, { type: "ExecutionComplete", status: "True", reason: "JobSucceeded", message: "The workflow completed" }, nowMs);
  return { ...complete, ...ended(execution, nowMs), phase: "Completed", executionStatus: { status: "True", reason: "Completed", completedTasks: 1, totalTasks: 1 } };
}

/** The execution as Failed. */
export function failedStatus(execution: WorkflowExecution, failure: Failure, nowMs: number): WorkflowExecutionStatus {
  const complete = withCondition(execution.status, { type: "ExecutionComplete", status: "False", reason: failure.reason, message: failure.message }, nowMs);
  return {
    ...complete,
    ...ended(execution, nowMs),
    phase: "Failed",
    failureReason: failure.message,
    failureDetails: {
      failedTaskIndex: 0,
      failedTaskName: execution.spec.workflowRef.workflowName,
      reason: failure.reason,
      message: failure.message,
      failedAt: timestamp(nowMs),
      naturalLanguageSummary: `Workflow ${execution.spec.workflowRef.workflowName} on ${execution.spec.targetResource}: ${failure.message}`,
      wasExecutionFailure: failure.acted,
      ...(failure.exitCode === undefined ? {} : { exitCode: failure.exitCode }),
    },
  };
}

function ended(execution: WorkflowExecution, nowMs: number): Pick<WorkflowExecutionStatus, "completionTime" | "duration"> {
  const startMs = epochMsOf(execution.status?.startTime);
  return { completionTime: timestamp(nowMs), ...(startMs === undefined ? {} : { duration: formatDuration(Math.max(0, nowMs - startMs)) }) };
}

function withCondition(status: WorkflowExecutionStatus | undefined, condition: Omit<Condition, "lastTransitionTime">, nowMs: number): WorkflowExecutionStatus {
  const others = status?.conditions?.filter(({ type }) => type !== condition.type) ?? [];
  return { ...status, conditions: [...others, { ...condition, lastTransitionTime: timestamp(nowMs) }] };
}
