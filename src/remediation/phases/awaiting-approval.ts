import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { wait } from "./outcome.ts";

/**
 * Another orchestrator asked for an approval. This version asks for none and decides none: it only looks whether the phase
 * has outlived its limit, and lets whoever asked go on.
 */
export function createAwaitingApprovalPhase({ settings }: PhaseDeps): PhaseHandler<"AwaitingApproval"> {
  return async () => wait(settings.safetyPollMs);
}
