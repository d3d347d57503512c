import type { RemediationRequest } from "../api/remediation-request.ts";
import { targetString } from "../api/target.ts";
import type { Logger } from "../lib/log.ts";
import type { Instruments } from "../metrics/instruments.ts";
import { isTerminal } from "./phases/transitions.ts";

/** A step that has been written. */
export interface AppliedStep {
  readonly before: RemediationRequest;
  readonly after: RemediationRequest;
  readonly reason: string;
  readonly message: string;
  readonly atMs: number;
}

/** Follows what was applied. It must not throw, and nobody waits for it. */
export type Observer = (step: AppliedStep) => void;

/** One structured line per step. */
export function logSteps(log: Logger): Observer {
  return ({ before, after, reason, message }) =>
    log.info("remediation moved", {
      rr: after.metadata.name,
      from: before.status?.overallPhase ?? "",
      to: after.status?.overallPhase ?? "",
      reason,
      detail: message,
      target: targetString(after.status?.workflowSelection?.remediationTarget ?? after.spec.targetResource),
      resourceVersion: after.metadata.resourceVersion,
    });
}

/** Counts and times the steps; labels are phases, reasons and outcomes only. */
export function countSteps(instruments: Instruments): Observer {
  return ({ before, after, atMs }) => {
    const from = before.status?.overallPhase ?? "";
    const to = after.status?.overallPhase ?? "";
    if (from === to) return;
    instruments.phaseTransitions.inc({ from, to });
    if (to === "Blocked") instruments.blocked.inc({ reason: after.status?.routingStatus?.blockReason ?? "" });
    if (to === "Blocked" && (from === "Executing" || executionOf(before) !== executionOf(after))) instruments.fenced.inc();
    if (to === "Executing") instruments.rrToWfeSeconds.observe((atMs - Date.parse(after.metadata.creationTimestamp)) / 1000);
    if (to !== "" && isTerminal(to)) instruments.remediationsCompleted.inc({ outcome: after.status?.completionStatus?.outcome ?? to });
  };
}

/** The uid of the execution that it names: one that is Blocked names what was fenced. */
function executionOf({ status }: RemediationRequest): string | undefined {
  return status?.phaseProgress?.workflowExecutionRef?.uid;
}
