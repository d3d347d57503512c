import { effectivenessAssessmentName } from "../../api/child-names.ts";
import { formatDuration } from "../../api/duration.ts";
import type { EffectivenessAssessment } from "../../api/effectiveness-assessment.ts";
import { kinds } from "../../api/kinds.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { epochMsOf } from "../../api/timestamp.ts";
import { effectivenessAssessmentFor } from "../creators/effectiveness-assessment.ts";
import { seconds, statusOf, withCondition, withProgress } from "../status.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { completed } from "./ended.ts";
import { wait, type Outcome } from "./outcome.ts";

/** A score from which on a target counts as cured. */
const HEALTHY_SCORE = 0.5;

/** The workflow has completed; its effect is being assessed until a deadline of its own. */
export function createVerifyingPhase(deps: PhaseDeps): PhaseHandler<"Verifying"> {
  return async (rr, { signal }): Promise<Outcome<"Verifying">> => {
    const name = rr.status?.phaseProgress?.effectivenessAssessmentRef?.name ?? effectivenessAssessmentName(rr.metadata.name);
    const assessment = await deps.children.find(kinds.EffectivenessAssessment, deps.caches.effectivenessAssessments, name, rr, { signal });
    // A verdict that is there wins over a deadline that passed in the same look.
    if (assessment?.status?.phase === "Completed" || assessment?.status?.phase === "Failed") {
      const { verdict, reason } = verdictOf(assessment);
      const done = { type: "EffectivenessAssessed", status: "True", reason: "AssessmentCompleted", message: `Assessment ended (${reason})` } as const;
      const base = withCondition(statusOf(rr), done, deps.clock.now(), rr.metadata.generation);
      return completed(rr, deps, verdict, { reason: verdict, message: verdict === "Remediated" ? "The target is healthy again." : `The effect could not be confirmed (${reason}).` }, base);
    }
    const deadlineMs = epochMsOf(rr.status?.phaseProgress?.verificationDeadline);
    if (deadlineMs === undefined) return withDeadline(rr, deps);
    const leftMs = deadlineMs - deps.clock.now();
    if (leftMs <= 0) return completed(rr, deps, "VerificationTimedOut", { reason: "VerificationTimedOut", message: "The assessment did not end before its deadline." });
    if (!assessment) {
      const target = rr.status?.workflowSelection?.remediationTarget ?? rr.spec.targetResource;
      const ensured = await deps.children.ensure(kinds.EffectivenessAssessment, effectivenessAssessmentFor(rr, target, formatDuration(deps.settings.stabilizationWindowMs)), rr, { signal });
      if (ensured.kind === "refused") return completed(rr, deps, "Inconclusive", { reason: "EffectivenessAssessmentRefused", message: `The API server takes no EffectivenessAssessment of it: ${ensured.message}` });
    }
    return wait(Math.min(leftMs, deps.settings.safetyPollMs));
  };
}

/** Another orchestrator may have left it without a deadline: its clock starts now. */
function withDeadline(rr: RemediationRequest, { clock, settings }: PhaseDeps): Outcome<"Verifying"> {
  const verificationDeadline = seconds(clock.now() + settings.timeoutsMs.verifying);
  return { kind: "amend", status: withProgress(statusOf(rr), { verificationDeadline }), reason: "Verifying", message: `Its effect is being verified, until ${verificationDeadline}.` };
}

/** What an ended assessment says. Pure. */
export function verdictOf(assessment: EffectivenessAssessment): { readonly verdict: "Remediated" | "Inconclusive"; readonly reason: string } {
  const reason = assessment.status?.assessmentReason ?? assessment.status?.phase ?? "no reason";
  const { healthScore, alertScore, metricsScore } = assessment.status?.components ?? {};
  const score = healthScore ?? alertScore ?? metricsScore ?? 0;
  const confirmed = assessment.status?.phase === "Completed" && (reason === "Full" || reason === "Partial") && score >= HEALTHY_SCORE;
  return { verdict: confirmed ? "Remediated" : "Inconclusive", reason };
}
