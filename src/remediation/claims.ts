import { workflowExecutionName } from "../api/child-names.ts";
import { kinds } from "../api/kinds.ts";
import { controllerOf } from "../api/object.ts";
import type { RemediationPhase, RemediationRequest } from "../api/remediation-request.ts";
import { isTerminalExecution, type WorkflowExecution } from "../api/workflow-execution.ts";
import type { CacheReader } from "../cache/ports.ts";
import type { CallOptions, Reader } from "../kube/ports.ts";
import type { ClaimHolder } from "../locking/ports.ts";
import type { ClaimState } from "../locking/reaper.ts";

/**
 * Whether a claim has outlived what it was for: its RemediationRequest is gone or in a phase that claims nothing, *and* its
 * WorkflowExecution has ended (`over`) or is absent (`idle`). Read live; age plays no part. Whoever begins to need the claim after
 * this was read takes it by moving the Lease's version. Whoever claimed by an earlier version of the RemediationRequest has not: where
 * no WorkflowExecution is there, he may be about to create one.
 */
export async function stateOfClaim(reader: Reader, holder: ClaimHolder, options: CallOptions): Promise<ClaimState> {
  const { namespace, name } = holder;
  if (needsClaim(await reader.get(kinds.RemediationRequest, { namespace, name }, options), holder)) return "needed";
  return stateBy(await reader.get(kinds.WorkflowExecution, { namespace, name: workflowExecutionName(name) }, options), holder);
}

/** The same as far as the local copies know: false means that a live look is not worth it yet, because what has to happen first will be seen here. */
export function mayClaimBeOver(caches: { readonly remediationRequests: CacheReader<RemediationRequest>; readonly workflowExecutions: CacheReader<WorkflowExecution> }, holder: ClaimHolder): boolean {
  const { namespace, name } = holder;
  return !needsClaim(caches.remediationRequests.get({ namespace, name }), holder) && stateBy(caches.workflowExecutions.get({ namespace, name: workflowExecutionName(name) }), holder) !== "needed";
}

function needsClaim(rr: RemediationRequest | undefined, { uid }: ClaimHolder): boolean {
  return rr?.metadata.uid === uid && claimsInPhase(rr.status?.overallPhase);
}

/** Whether a remediation in that phase takes a claim, or does something under one. */
export function claimsInPhase(phase: RemediationPhase | undefined): boolean {
  return phase === "Analyzing" || phase === "AwaitingApproval" || phase === "Executing";
}

/** How a claim stands by what was made under it, where its holder needs none. */
function stateBy(execution: WorkflowExecution | undefined, { uid }: ClaimHolder): ClaimState {
  if (!execution || controllerOf(execution)?.uid !== uid) return "idle";
  return isTerminalExecution(execution) ? "over" : "needed";
}
