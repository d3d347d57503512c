import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { wait } from "./outcome.ts";

/**
 * Another orchestrator asked for an approval. This version asks for none and decides none: it lets whoever asked go on, until
 * the limit of the phase is over.
 */
export function createAwaitingApprovalPhase({ settings }: PhaseDeps): PhaseHandler<"AwaitingApproval"> {
  return async () => wait(settings.safetyPollMs);
}
