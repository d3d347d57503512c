import { workflowExecutionName } from "../api/child-names.ts";
import { kinds } from "../api/kinds.ts";
import type { Lease } from "../api/lease.ts";
import { isTerminalPhase } from "../api/phase.ts";
import { controllerOf } from "../api/object.ts";
import { isTerminalExecution } from "../api/workflow-execution.ts";
import type { CallOptions, Reader } from "../kube/ports.ts";
import { keyOfLease } from "../locking/lease-marks.ts";
import type { ClaimHolder } from "../locking/ports.ts";

/** Index function on Leases: the `lockKey` of the target that a lock is about. */
export function claimedTarget(lease: Lease): readonly string[] {
  const key = keyOfLease(lease);
  return key === undefined ? [] : [key];
}

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
