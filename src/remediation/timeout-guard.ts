import type { RemediationPhase, RemediationRequest } from "../api/remediation-request.ts";
import { durationMs } from "../api/duration.ts";
import { epochMsOf, type Timestamp } from "../api/timestamp.ts";
import type { Clock } from "../lib/clock.ts";
import { endedStatus } from "./phases/ended.ts";
import type { AnyOutcome } from "./phases/phases.ts";
import type { RemediationSettings } from "./settings.ts";
import { seconds, statusOf, withCompletion } from "./status.ts";

/** Turns a wait that has lasted too long into TimedOut, and shortens one that would overlook the limit. Anything else passes: what has finished wins over a timeout seen in the same look. */
export type TimeoutGuard = (rr: RemediationRequest, outcome: AnyOutcome) => AnyOutcome;

export interface TimeoutGuardDeps {
  readonly clock: Clock;
  readonly settings: RemediationSettings;
}

interface Limit {
  readonly phase: RemediationPhase;
  readonly sinceMs: number;
  readonly limitMs: number;
}

/** Limits of the phases that wait for somebody else; Blocked has none, and Verifying a deadline of its own. */
export function createTimeoutGuard(deps: TimeoutGuardDeps): TimeoutGuard {
  return (rr, outcome) => {
    if (outcome.kind !== "wait") return outcome;
    const limit = limitOf(rr, deps.settings);
    if (!limit) return outcome;
    const leftMs = limit.sinceMs + limit.limitMs - deps.clock.now();
    return leftMs > 0 ? { kind: "wait", afterMs: Math.min(outcome.afterMs, leftMs) } : timedOut(rr, limit.phase, deps);
  };
}

function limitOf(rr: RemediationRequest, { timeoutsMs }: RemediationSettings): Limit | undefined {
  const { phaseProgress: progress, timeoutConfig: config, overallPhase: phase } = rr.status ?? {};
  const limit = (since: Timestamp | undefined, configured: string | undefined, otherwiseMs: number): Limit | undefined => {
    const sinceMs = epochMsOf(since);
    return sinceMs === undefined || !phase ? undefined : { phase, sinceMs, limitMs: durationMs(configured) ?? otherwiseMs };
  };
  switch (phase) {
    case "Processing":
      return limit(progress?.processingStartTime, config?.processing, timeoutsMs.processing);
    case "Analyzing":
      return limit(progress?.analyzingStartTime, config?.analyzing, timeoutsMs.analyzing);
    case "Executing":
      return limit(progress?.executingStartTime, config?.executing, timeoutsMs.executing);
    default:
      return undefined;
  }
}

function timedOut(rr: RemediationRequest, phase: RemediationPhase, deps: TimeoutGuardDeps): AnyOutcome {
  const completion = { timeoutPhase: phase, timeoutTime: seconds(deps.clock.now()) };
  const status = endedStatus(withCompletion(statusOf(rr), completion), deps);
  return { kind: "move", to: "TimedOut", status, reason: "TimedOut", message: `${phase} took longer than its limit.` };
}
