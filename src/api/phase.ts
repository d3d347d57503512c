import type { AnalysisPhase } from "./ai-analysis.ts";
import type { AssessmentPhase } from "./effectiveness-assessment.ts";
import type { RemediationPhase } from "./remediation-request.ts";
import type { SignalProcessingPhase } from "./signal-processing.ts";
import type { WorkflowPhase } from "./workflow-execution.ts";

const FINAL: ReadonlySet<string> = new Set(["Completed", "Failed", "TimedOut", "Skipped", "Cancelled"]);

type Phase = RemediationPhase | SignalProcessingPhase | AnalysisPhase | WorkflowPhase | AssessmentPhase;

/** Whether nothing follows this phase. An absent phase is the birth of an object, never its end; so is one that we do not know. */
export function isTerminalPhase(phase: Phase | "" | undefined): boolean {
  return phase !== undefined && FINAL.has(phase);
}
