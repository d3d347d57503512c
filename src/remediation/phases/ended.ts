import type { RemediationOutcome, RemediationPhase, RemediationRequest, RemediationRequestStatus } from "../../api/remediation-request.ts";
import { seconds, statusOf, withCompletion, withoutExecution } from "../status.ts";
import type { PhaseDeps } from "./deps.ts";
import type { Telling } from "./outcome.ts";

type EndDeps = Pick<PhaseDeps, "clock" | "settings">;

/** The part of a status that every end sets: when, and until when the object is kept. What it had given up is not named as what it ran. */
export function endedStatus(status: RemediationRequestStatus, { clock, settings }: EndDeps): RemediationRequestStatus {
  const nowMs = clock.now();
  const ran = status.overallPhase === "Executing" || status.overallPhase === "Verifying";
  return { ...(ran ? status : withoutExecution(status)), completedAt: seconds(nowMs), retentionExpiryTime: seconds(nowMs + settings.retentionMs) };
}

/** The end Completed, with its outcome; `base` is the status to go on from (the one that is stored, unless given). */
export function completed(rr: RemediationRequest, deps: EndDeps, outcome: RemediationOutcome, telling: Telling, base = statusOf(rr)) {
  const completion = { outcome, ...(outcome === "ManualReviewRequired" ? { requiresManualReview: true } : {}) };
  return { kind: "move", to: "Completed", status: endedStatus(withCompletion(base, completion), deps), ...telling } as const;
}

/** The end Failed, in `failurePhase`. */
export function failed(rr: RemediationRequest, deps: EndDeps, telling: Telling, failurePhase: string, base = statusOf(rr)) {
  return { kind: "move", to: "Failed", status: endedStatus(withCompletion(base, { failurePhase, failureReason: telling.message }), deps), ...telling } as const;
}

/** The end TimedOut, of a phase that took longer than its limit. */
export function timedOut(rr: RemediationRequest, deps: EndDeps, phase: RemediationPhase, message: string) {
  const completion = { timeoutPhase: phase, timeoutTime: seconds(deps.clock.now()) };
  return { kind: "move", to: "TimedOut", status: endedStatus(withCompletion(statusOf(rr), completion), deps), reason: "TimedOut", message } as const;
}
