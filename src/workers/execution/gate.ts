import { controllerOf } from "../../api/object.ts";
import { isTerminalPhase } from "../../api/phase.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";

/** May this Pending execution start? `wait`: its owner has not named it yet. `refuse`: its owner never will. */
export type Admission = { readonly kind: "open" } | { readonly kind: "wait" } | { readonly kind: "refuse"; readonly because: string };

/** Step 5 of the safety protocol, on the live owner. Only the very execution that the owner names by uid may start. Pure. */
export function admissionOf(execution: WorkflowExecution, owner: RemediationRequest | undefined): Admission {
  const ownerUid = controllerOf(execution)?.uid;
  if (!owner || owner.metadata.uid !== ownerUid) return { kind: "refuse", because: "its RemediationRequest is gone" };
  const phase = owner.status?.overallPhase;
  if (isTerminalPhase(phase)) return { kind: "refuse", because: `its RemediationRequest is ${phase}` };
  switch (phase) {
    case "Executing":
      return admissionByName(execution, owner);
    case undefined:
    case "Pending":
    case "Processing":
    case "Analyzing":
    case "AwaitingApproval":
      return { kind: "wait" };
    default:
      // Blocked too: waiting for a Blocked owner would let two wait for each other.
      return { kind: "refuse", because: `its RemediationRequest is ${phase}` };
  }
}

function admissionByName(execution: WorkflowExecution, owner: RemediationRequest): Admission {
  const named = owner.status?.phaseProgress?.workflowExecutionRef;
  if (named?.uid === execution.metadata.uid) return { kind: "open" };
  // Without a uid the name proves nothing yet; the orchestrator adds it.
  return named && !named.uid && named.name === execution.metadata.name ? { kind: "wait" } : { kind: "refuse", because: "its RemediationRequest names another execution" };
}
