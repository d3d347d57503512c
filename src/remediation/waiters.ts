import { aiAnalysisName } from "../api/child-names.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import { lockKey, targetString } from "../api/target.ts";
import type { RemediationCaches } from "./phases/deps.ts";

/** Index of RemediationRequests that wait for a target, by its `lockKey`. */
export const WAITERS_BY_TARGET = "waiting-for-target";
/** Index of RemediationRequests that follow another one, by that one's name. */
export const FOLLOWERS_BY_LEADER = "following";

/** The target of a remediation as far as is known: the chosen one, before that the signal's. */
export function targetKeyOf(rr: RemediationRequest): string {
  return lockKey(rr.spec.clusterID, targetString(rr.status?.workflowSelection?.remediationTarget ?? rr.spec.targetResource));
}

/** Index function: the target that `rr` waits for. A launch that met a busy lock waits as well, without a word in its status. */
export function waitedForTarget(rr: RemediationRequest): readonly string[] {
  const { overallPhase, routingStatus } = rr.status ?? {};
  const waits = overallPhase === "Analyzing" || (overallPhase === "Blocked" && routingStatus?.blockReason === "ResourceBusy");
  return waits ? [targetKeyOf(rr)] : [];
}

/** Index function: the remediation that `rr` follows. */
export function followedLeader(rr: RemediationRequest): readonly string[] {
  const leader = rr.status?.overallPhase === "Blocked" ? rr.status.routingStatus?.duplicateOf : undefined;
  return leader ? [leader] : [];
}

type OrderCaches = Pick<RemediationCaches, "remediationRequests" | "aiAnalyses">;

/** Those that wait for a target, the first in line first. */
export function waitersInOrder(caches: OrderCaches, targetKey: string): readonly RemediationRequest[] {
  const waiters = caches.remediationRequests.byIndex(WAITERS_BY_TARGET, targetKey);
  return inOrder(caches, waiters.filter(({ status }) => status?.overallPhase === "Blocked"));
}

/** In line: by priority, then age, then uid (domain rules, section Blocking conditions). */
export function inOrder(caches: Pick<OrderCaches, "aiAnalyses">, requests: readonly RemediationRequest[]): readonly RemediationRequest[] {
  const placed = requests.map((rr) => ({ rr, place: [priorityOf(caches, rr), rr.metadata.creationTimestamp, rr.metadata.uid].join("\n") }));
  return placed.toSorted((a, b) => (a.place < b.place ? -1 : a.place > b.place ? 1 : 0)).map(({ rr }) => rr);
}

/** P0 before P1; unknown ones last. */
function priorityOf(caches: Pick<OrderCaches, "aiAnalyses">, rr: RemediationRequest): string {
  const analysis = caches.aiAnalyses.get({ namespace: rr.metadata.namespace ?? "", name: aiAnalysisName(rr.metadata.name) });
  return analysis?.spec.analysisRequest.signalContext.businessPriority ?? "~";
}
