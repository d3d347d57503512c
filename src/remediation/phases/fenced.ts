import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { statusOf } from "../status.ts";
import { reference } from "./child-reference.ts";

/**
 * A fenced WorkflowExecution never ran: its owner goes back to wait. It goes on naming it, so that whoever reads this
 * version of it knows which one it has given up. Only what was given up may be deleted (safety protocol, step 3).
 */
export function fenced(rr: RemediationRequest, execution: WorkflowExecution) {
  const status = statusOf(rr);
  const { executingStartTime: _start, ...progress } = status.phaseProgress ?? {};
  const winner = execution.status?.deduplicatedBy;
  const message = `${execution.metadata.name} was fenced${winner ? ` by ${winner}` : ""} before it ran. Waiting for the target.`;
  const routingStatus = { blockReason: "ResourceBusy", blockMessage: message, ...(winner ? { blockingWorkflowExecution: winner } : {}) } as const;
  return { kind: "move", to: "Blocked", status: { ...status, phaseProgress: { ...progress, workflowExecutionRef: reference(execution) }, routingStatus }, reason: "ResourceBusy", message } as const;
}
