import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { ReconcileContext } from "../../controller/ports.ts";
import type { Step } from "../apply-transition.ts";
import { createAnalyzingPhase } from "./analyzing.ts";
import { createAwaitingApprovalPhase } from "./awaiting-approval.ts";
import { createBlockedPhase } from "./blocked.ts";
import type { PhaseDeps } from "./deps.ts";
import { createExecutingPhase } from "./executing.ts";
import type { Outcome } from "./outcome.ts";
import { createPendingPhase } from "./pending.ts";
import { createProcessingPhase } from "./processing.ts";
import type { PhaseOrNew } from "./transitions.ts";
import { createVerifyingPhase } from "./verifying.ts";

/** What any phase may come to, once its own type has checked where it leads. */
export type AnyOutcome = Step | Exclude<Outcome<PhaseOrNew>, { readonly kind: "move" | "amend" }>;

/** All phases behind one question: what is to be done about this RemediationRequest? */
export interface Phases {
  handle(rr: RemediationRequest, context: ReconcileContext): Promise<AnyOutcome>;
}

/** The phases, each with its handler; final ones have none and are not asked. */
export function createPhases(deps: PhaseDeps): Phases {
  const pending = createPendingPhase(deps);
  const handlers = {
    "": pending,
    Pending: pending,
    Processing: createProcessingPhase(deps),
    Analyzing: createAnalyzingPhase(deps),
    AwaitingApproval: createAwaitingApprovalPhase(deps),
    Executing: createExecutingPhase(deps),
    Verifying: createVerifyingPhase(deps),
    Blocked: createBlockedPhase(deps),
  } as const;
  return {
    async handle(rr, context) {
      const phase = rr.status?.overallPhase ?? "";
      switch (phase) {
        case "Completed":
        case "Failed":
        case "TimedOut":
        case "Skipped":
        case "Cancelled":
          throw new Error(`nothing is to be done about ${rr.metadata.name}, which has ended ${phase}`);
        default:
          return handlers[phase](rr, context);
      }
    },
  };
}
