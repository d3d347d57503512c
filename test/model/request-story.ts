import { WORKFLOW_EXECUTION_FINALIZER } from "../../src/api/annotations.ts";
import { finalConditionOf, type Job } from "../../src/api/job.ts";
import { controllerOf } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { isFenced, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { ActionName } from "./action.ts";

/** An action before it is known whose it is. */
export interface Told {
  readonly name: ActionName;
  readonly detail: number;
}

type ChangeType = "ADDED" | "MODIFIED" | "DELETED";
type RequestPhase = "analyzing" | "blocked" | "executing" | "ended";

const PERSON = "person";
const COLLECTOR = "garbage-collector";
const AFTER_EXECUTING: ReadonlySet<string | undefined> = new Set(["Verifying", "Completed", "Failed", "TimedOut", "Skipped", "Cancelled"]);

/** What has been seen of one name: its RemediationRequest, that one's WorkflowExecution, and the Job of that one. */
export class RequestStory {
  #request: RemediationRequest | undefined;
  #execution: WorkflowExecution | undefined;
  #job: Job | undefined;

  onRequest(type: ChangeType, request: RemediationRequest): readonly Told[] {
    const before = this.#request;
    this.#request = type === "DELETED" ? undefined : request;
    if (type === "DELETED") return [told("requestGone", before?.metadata.deletionTimestamp ? 1 : 0)];
    if (!before || before.metadata.uid !== request.metadata.uid) return [told("new"), ...this.#moves("analyzing", request)];
    if (request.metadata.deletionTimestamp && !before.metadata.deletionTimestamp) return [told("requestLeaving")];
    const renamed = phaseOf(request) === "executing" && refOf(request) !== refOf(before);
    return phaseOf(before) === phaseOf(request) && !renamed ? [] : this.#moves(phaseOf(before), request, renamed);
  }

  onExecution(type: ChangeType, execution: WorkflowExecution, by: string): readonly Told[] {
    const before = this.#execution?.metadata.uid === execution.metadata.uid ? this.#execution : undefined;
    this.#execution = type === "DELETED" ? undefined : execution;
    if (type === "DELETED") {
      this.#job = undefined;
      return before ? deletionOf(before, by) : [];
    }
    const born = before ? [] : [told("born", controllerOf(execution)?.uid === this.#request?.metadata.uid ? 1 : 0)];
    const deleting = execution.metadata.deletionTimestamp && !before?.metadata.deletionTimestamp ? [told("deleting", who(by) + (isForeground(execution) ? 3 : 0))] : [];
    const released = before && isGuarded(before) && !isGuarded(execution) ? [told("released")] : [];
    return [...born, ...deleting, ...this.#phaseMove(before, execution), ...released];
  }

  /** Jobs of WorkflowExecutions that are gone are left out, unless one is let go. */
  onJob(type: ChangeType, job: Job, by: string): readonly Told[] {
    const before = this.#job?.metadata.uid === job.metadata.uid ? this.#job : undefined;
    const resumes = before?.spec.suspend === true && job.spec.suspend !== true;
    if (controllerOf(job)?.uid !== this.#execution?.metadata.uid) return [];
    this.#job = type === "DELETED" ? undefined : job;
    if (type === "DELETED") return before?.metadata.deletionTimestamp ? [told("jobGone")] : suddenEnd(by);
    const born = before ? [] : [told("jobBorn", job.spec.suspend ? 0 : 1)];
    const deleting = job.metadata.deletionTimestamp && !before?.metadata.deletionTimestamp ? [told("jobDeleting", by === COLLECTOR ? 1 : 0)] : [];
    const finished = finalConditionOf(job) && !(before && finalConditionOf(before)) ? [told("jobFinished")] : [];
    return [...born, ...deleting, ...(resumes ? [told("resumed")] : []), ...finished];
  }

  #moves(from: RequestPhase, request: RemediationRequest, renamed = false): readonly Told[] {
    const to = phaseOf(request);
    if (to === from && !renamed) return [];
    switch (to) {
      case "analyzing":
        return [told("unblocked")];
      case "blocked":
        return [told("blocked", this.#isNamedBy(request) ? 1 : 0)];
      case "executing":
        return [told("executing", this.#isNamedBy(request) ? 1 : 0)];
      case "ended":
        return [told("ended", from === "executing" && isForItsExecution(request) ? 0 : 1)];
    }
  }

  #isNamedBy(request: RemediationRequest): boolean {
    return refOf(request) !== undefined && refOf(request) === this.#execution?.metadata.uid;
  }

  #phaseMove(before: WorkflowExecution | undefined, execution: WorkflowExecution): readonly Told[] {
    const phase = phaseOfExecution(execution);
    if (phase === (before ? phaseOfExecution(before) : "Pending")) return [];
    if (phase === "Running") return [told("running", this.#job && execution.status?.executionRef?.uid === this.#job.metadata.uid ? 1 : 0)];
    return [told(isFenced(execution) ? "fenced" : "done")];
  }
}

function told(name: ActionName, detail = 0): Told {
  return { name, detail };
}

function phaseOf({ status }: RemediationRequest): RequestPhase {
  const phase = status?.overallPhase;
  if (AFTER_EXECUTING.has(phase)) return "ended";
  return phase === "Executing" ? "executing" : phase === "Blocked" ? "blocked" : "analyzing";
}

function refOf({ status }: RemediationRequest): string | undefined {
  return status?.phaseProgress?.workflowExecutionRef?.uid;
}

/** Whether it went on from Executing because of what its WorkflowExecution became, or because there is none. */
function isForItsExecution({ status }: RemediationRequest): boolean {
  return status?.overallPhase === "Verifying" || (status?.overallPhase === "Failed" && status.completionStatus?.failurePhase === "WorkflowExecution");
}

function isGuarded({ metadata }: WorkflowExecution): boolean {
  return metadata.finalizers?.includes(WORKFLOW_EXECUTION_FINALIZER) ?? false;
}

/** The object goes with its last finalizer, ours or that of a deletion in the foreground, or, without any, with the call. */
function deletionOf(before: WorkflowExecution, by: string): readonly Told[] {
  if (!before.metadata.deletionTimestamp) return [isGuarded(before) ? told("gone", 1) : told("deleting", who(by))];
  return [isGuarded(before) ? told("released", 1) : told("gone")];
}

function isForeground({ metadata }: WorkflowExecution): boolean {
  return metadata.finalizers?.includes("foregroundDeletion") ?? false;
}

/** A Job that goes at once was deleted in the background: by a replica because it was never resumed, or by somebody else whatever it did. */
function suddenEnd(by: string): readonly Told[] {
  return by === PERSON || by === COLLECTOR ? [told("jobGone", 1)] : [told("jobDeleting"), told("jobGone")];
}

function who(by: string): number {
  return by === PERSON ? 0 : by === COLLECTOR ? 1 : 2;
}
