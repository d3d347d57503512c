import type { RemediationPhase } from "../../api/remediation-request.ts";

/** The phases of a RemediationRequest as the API shows them, and the absent one in which it is born. */
export type PhaseOrNew = RemediationPhase | "";

/**
 * Every move that a RemediationRequest can make (domain rules, section Phases). From the absent phase the checks of Pending
 * run in the same pass, so that Pending is only ever stored by somebody else or where a check has to wait.
 */
export const transitions = {
  "": ["Pending", "Processing", "Blocked", "Failed", "Cancelled"],
  Pending: ["Processing", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Processing: ["Analyzing", "Failed", "TimedOut", "Cancelled"],
  Analyzing: ["AwaitingApproval", "Executing", "Blocked", "Completed", "Failed", "TimedOut", "Cancelled"],
  AwaitingApproval: ["Executing", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Executing: ["Verifying", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Verifying: ["Completed", "Cancelled"],
  Blocked: ["Pending", "Analyzing", "AwaitingApproval", "Completed", "Failed", "TimedOut", "Cancelled"],
  Completed: [],
  Failed: [],
  TimedOut: [],
  Skipped: [],
  Cancelled: [],
} as const satisfies Record<PhaseOrNew, readonly RemediationPhase[]>;

/** Where a RemediationRequest in phase `From` may go: an illegal move does not compile. */
export type Next<From extends PhaseOrNew> = (typeof transitions)[From][number];

/** Whether a phase is final: no move leads out of it. */
export function isTerminal(phase: PhaseOrNew): boolean {
  return transitions[phase].length === 0;
}
