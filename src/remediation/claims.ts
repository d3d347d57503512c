import { workflowExecutionName } from "../api/child-names.ts";
import { kinds } from "../api/kinds.ts";
import { isTerminalPhase } from "../api/phase.ts";
import { controllerOf } from "../api/object.ts";
import { isTerminalExecution } from "../api/workflow-execution.ts";
import type { CallOptions, Reader } from "../kube/ports.ts";
import type { ClaimHolder } from "../locking/ports.ts";

/**
 * Whether a claim has outlived what it was for: its RemediationRequest is gone or has ended, *and* its WorkflowExecution
 * is absent or has ended. Read live; age plays no part.
 */
export async function isClaimOver(reader: Reader, holder: ClaimHolder, options: CallOptions): Promise<boolean> {
  const { namespace, name, uid } = holder;
  const rr = await reader.get(kinds.RemediationRequest, { namespace, name }, options);
  const requestOver = !rr || rr.metadata.uid !== uid || isTerminalPhase(rr.status?.overallPhase);
  if (!requestOver) return false;
  const execution = await reader.get(kinds.WorkflowExecution, { namespace, name: workflowExecutionName(name) }, options);
  return !execution || controllerOf(execution)?.uid !== uid || isTerminalExecution(execution);
}
