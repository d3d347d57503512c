import { notificationRequestName } from "../api/child-names.ts";
import { API_VERSION, kinds } from "../api/kinds.ts";
import type { RemediationPhase, RemediationRequest, RemediationRequestStatus, RoutingStatus } from "../api/remediation-request.ts";
import type { Clock } from "../lib/clock.ts";
import { casStatus } from "../kube/compare-and-swap.ts";
import type { CallOptions, Writer } from "../kube/ports.ts";
import type { Observer } from "./observers.ts";
import type { Amend, Move } from "./phases/outcome.ts";
import type { PhaseOrNew } from "./phases/transitions.ts";
import { noticeOf } from "./notice.ts";
import type { RemediationSettings } from "./settings.ts";
import { seconds, statusOf, withCompletion, withCondition } from "./status.ts";

/** Whether the step was written. `stale`: the snapshot that it was judged on is not the latest; nothing was written. */
export type Applied = { readonly kind: "applied"; readonly rr: RemediationRequest } | { readonly kind: "stale" };

export interface ApplyTransitionDeps {
  readonly writer: Writer;
  readonly clock: Clock;
  readonly observers: readonly Observer[];
  readonly settings: Pick<RemediationSettings, "notifyCompletion">;
}

/** Any step of any phase, as the reconciler hands it over once the phase's own type has checked it. */
export type Step = Amend | (Omit<Move<PhaseOrNew>, "to"> & { readonly to: RemediationPhase });

/**
 * The only writer of a RemediationRequest's status: one PUT at the uid and resourceVersion of the snapshot that was
 * judged. What follows an applied step observes it and can not fail it.
 */
export function createApplyTransition(deps: ApplyTransitionDeps): (rr: RemediationRequest, step: Step, options: CallOptions) => Promise<Applied> {
  return async (rr, step, options) => {
    const nowMs = deps.clock.now();
    const next = withNotice({ ...rr, status: nextStatus(rr, step, nowMs) }, deps.settings);
    const written = await casStatus(deps.writer, kinds.RemediationRequest, next, options);
    if (written.kind === "stale") return written;
    for (const observe of deps.observers) observe({ before: rr, after: written.object, reason: step.reason, message: step.message, atMs: nowMs });
    return { kind: "applied", rr: written.object };
  };
}

function nextStatus(rr: RemediationRequest, step: Step, nowMs: number): RemediationRequestStatus {
  const phase = step.kind === "move" ? step.to : rr.status?.overallPhase;
  const told = { ...step.status, ...(phase ? { overallPhase: phase } : {}), message: step.message, ...(rr.metadata.generation === undefined ? {} : { observedGeneration: rr.metadata.generation }) };
  const routed = phase === "Blocked" ? { ...told, routingStatus: sinceWhen(rr, told.routingStatus ?? {}, nowMs) } : told;
  const ready = { type: "Ready", status: phase === "Completed" ? "True" : "False", reason: step.reason, message: step.message } as const;
  const blocked = { type: "Blocked", status: phase === "Blocked" ? "True" : "False", reason: step.reason, message: step.message } as const;
  const withReady = withCondition(routed, ready, nowMs, rr.metadata.generation);
  const wasBlocked = rr.status?.conditions?.some(({ type }) => type === "Blocked") ?? false;
  return phase === "Blocked" || wasBlocked ? withCondition(withReady, blocked, nowMs, rr.metadata.generation) : withReady;
}

/** An end that people are told of refers to the notification, which is made after it. */
function withNotice(rr: RemediationRequest, settings: Pick<RemediationSettings, "notifyCompletion">): RemediationRequest {
  const notice = noticeOf(rr, settings);
  if (!notice) return rr;
  const name = notificationRequestName(notice.why, rr.metadata.name);
  const reference = { apiVersion: API_VERSION, kind: kinds.NotificationRequest.kind, namespace: rr.metadata.namespace ?? "", name };
  const others = rr.status?.completionStatus?.notificationRequestRefs?.filter((other) => other.name !== name) ?? [];
  return { ...rr, status: withCompletion(statusOf(rr), { notificationRequestRefs: [...others, reference] }) };
}

/** Since when a block holds and which phase it stopped, kept while only its reason changes. */
function sinceWhen(rr: RemediationRequest, routing: RoutingStatus, nowMs: number): RoutingStatus {
  const before = rr.status?.overallPhase === "Blocked" ? rr.status.routingStatus : undefined;
  const blockedPhase = before?.blockedPhase ?? blockablePhase(rr.status?.overallPhase);
  return {
    ...routing,
    blockedSince: before?.blockedSince ?? seconds(nowMs),
    blockAttempt: (before?.blockAttempt ?? 0) + 1,
    ...(blockedPhase ? { blockedPhase } : {}),
  };
}

function blockablePhase(phase: RemediationPhase | undefined): RoutingStatus["blockedPhase"] {
  switch (phase) {
    case "Analyzing":
    case "AwaitingApproval":
      return phase;
    case "Executing":
      return "Analyzing";
    default:
      return "Pending";
  }
}
