import type { RemediationPhase, RemediationRequest } from "../api/remediation-request.ts";
import { epochMsOf, type Timestamp } from "../api/timestamp.ts";
import type { Clock } from "../lib/clock.ts";
import { limitMs } from "./limits.ts";
import { timedOut } from "./phases/ended.ts";
import { wait } from "./phases/outcome.ts";
import type { AnyOutcome } from "./phases/phases.ts";
import type { RemediationSettings } from "./settings.ts";

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

/**
 * How much later than its execution a remediation in Executing is given up: the executor ends it at its own limit, and knows
 * whether its Job had finished by then. This is for an executor that is not there.
 */
const EXECUTOR_GRACE_MS = 60_000;
/** How long another orchestrator's approval is waited for (domain rules, section Phases). */
const APPROVAL_MS = 15 * 60_000;

/** Limits of the phases that wait for somebody else; Blocked has none, and Verifying a deadline of its own. */
export function createTimeoutGuard(deps: TimeoutGuardDeps): TimeoutGuard {
  return (rr, outcome) => {
    if (outcome.kind !== "wait" || outcome.heldUp) return outcome;
    const limit = limitOf(rr, deps.settings);
    if (!limit) return outcome;
    const leftMs = limit.sinceMs + limit.limitMs - deps.clock.now();
    return leftMs > 0 ? wait(Math.min(outcome.afterMs, leftMs)) : timedOut(rr, deps, limit.phase, `${limit.phase} took longer than its limit.`);
  };
}

function limitOf(rr: RemediationRequest, settings: RemediationSettings): Limit | undefined {
  const { phaseProgress: progress, overallPhase: phase } = rr.status ?? {};
  const limit = (since: Timestamp | undefined, ms: number): Limit | undefined => {
    const sinceMs = epochMsOf(since);
    return sinceMs === undefined || !phase ? undefined : { phase, sinceMs, limitMs: ms };
  };
  switch (phase) {
    case "Processing":
      return limit(progress?.processingStartTime, limitMs(rr, "processing", settings));
    case "Analyzing":
      return limit(progress?.analyzingStartTime, limitMs(rr, "analyzing", settings));
    case "AwaitingApproval":
      return limit(lastMoved(rr) ?? progress?.analyzingStartTime, APPROVAL_MS);
    case "Executing":
      return limit(progress?.executingStartTime, limitMs(rr, "executing", settings) + EXECUTOR_GRACE_MS);
    default:
      return undefined;
  }
}

/** Nothing says since when an approval is waited for; the last condition that changed is the nearest to it. */
function lastMoved({ status }: RemediationRequest): Timestamp | undefined {
  return status?.conditions?.map(({ lastTransitionTime }) => lastTransitionTime).toSorted().at(-1);
}
