import type { RemediationPhase } from "./remediation-request.ts";
import type { WorkflowPhase } from "./workflow-execution.ts";

const FINAL: ReadonlySet<string> = new Set(["Completed", "Failed", "TimedOut", "Skipped", "Cancelled"]);

/** Whether nothing follows this phase. An absent phase is the birth of an object, never its end; so is one that we do not know. */
export function isTerminalPhase(phase: RemediationPhase | WorkflowPhase | "" | undefined): boolean {
  return phase !== undefined && FINAL.has(phase);
}
