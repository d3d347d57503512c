import type { Condition } from "../api/object.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../api/remediation-request.ts";

/** A condition to be set; the time of its last change is kept by `withCondition`. */
export type NewCondition = Pick<Condition, "type" | "status" | "reason" | "message">;

/** The status of `rr` as it stands, empty when it has none. */
export function statusOf(rr: RemediationRequest): RemediationRequestStatus {
  return rr.status ?? {};
}

/** `status` with the condition set; lastTransitionTime (RFC 3339, seconds) moves only when its status does. */
export function withCondition(status: RemediationRequestStatus, condition: NewCondition, nowMs: number, generation: number | undefined): RemediationRequestStatus {
  const before = status.conditions?.find(({ type }) => type === condition.type);
  const next: Condition = {
    ...condition,
    lastTransitionTime: before?.status === condition.status ? before.lastTransitionTime : seconds(nowMs),
    ...(generation === undefined ? {} : { observedGeneration: generation }),
  };
  const others = status.conditions?.filter(({ type }) => type !== condition.type) ?? [];
  return { ...status, conditions: [...others, next] };
}

/** `status` with some of phaseProgress replaced. */
export function withProgress(status: RemediationRequestStatus, progress: RemediationRequestStatus["phaseProgress"]): RemediationRequestStatus {
  return { ...status, phaseProgress: { ...status.phaseProgress, ...progress } };
}

/** `status` with some of completionStatus replaced. */
export function withCompletion(status: RemediationRequestStatus, completion: RemediationRequestStatus["completionStatus"]): RemediationRequestStatus {
  return { ...status, completionStatus: { ...status.completionStatus, ...completion } };
}

/** `status` as of one that nothing is in the way of. */
export function withoutRouting({ routingStatus: _routing, ...status }: RemediationRequestStatus): RemediationRequestStatus {
  return status;
}

/** `status` as of one that names no WorkflowExecution. */
export function withoutExecution(status: RemediationRequestStatus): RemediationRequestStatus {
  if (!status.phaseProgress?.workflowExecutionRef) return status;
  const { workflowExecutionRef: _ref, ...phaseProgress } = status.phaseProgress;
  return { ...status, phaseProgress };
}

/** RFC 3339 in whole seconds, as metav1.Time is written. */
export function seconds(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
