import { workflowExecutionName } from "../../api/child-names.ts";
import { kinds } from "../../api/kinds.ts";
import { compareResourceVersions } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { lockKey } from "../../api/target.ts";
import { epochMsOf } from "../../api/timestamp.ts";
import { isTerminalExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import type { CallOptions } from "../../kube/ports.ts";
import type { LaunchPlan } from "../launch-workflow.ts";
import { findPlan } from "../plan.ts";
import { isChildOf } from "../children.ts";
import { holderOf } from "../routing/engine.ts";
import { seconds, statusOf, withoutRouting, withProgress } from "../status.ts";
import { FOLLOWERS_BY_LEADER, inOrder, waitersInOrder } from "../waiters.ts";
import { blockedBy } from "./blocked-by.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { wait, type Outcome } from "./outcome.ts";

/** Something is in the way. It goes back to the phase that was blocked when that is over, in the order of those who wait. */
export function createBlockedPhase(deps: PhaseDeps): PhaseHandler<"Blocked"> {
  return async (rr, { signal }) => {
    const plan = await findPlan(deps.children, deps.caches.aiAnalyses, rr, { signal });
    if (!plan) return untilTime(rr, deps);
    const cover = await deps.covered({ rr, target: plan.target, workflowId: plan.workflow.workflowId }, { signal });
    if (cover) return covered(rr, blockedBy(rr, cover, deps), deps);
    if (rr.status?.routingStatus?.deduplicatedByWE) return coverLost(rr, deps);
    if (rr.status?.routingStatus?.blockReason !== "ResourceBusy") return untilTime(rr, deps);
    return (await isBusy(rr, plan, deps, { signal })) ? wait(deps.settings.safetyPollMs) : unblocked(rr, deps);
  };
}

/** Waiting for a cover's verification is said once, not at every look. */
function covered(rr: RemediationRequest, outcome: ReturnType<typeof blockedBy>, deps: PhaseDeps): Outcome<"Blocked"> {
  if (outcome.to === "Completed") return outcome;
  const said = rr.status?.routingStatus?.deduplicatedByWE === outcome.status.routingStatus?.deduplicatedByWE;
  return said ? wait(deps.settings.safetyPollMs) : { ...outcome, kind: "amend" };
}

/** The cure that covered it did not work: the first of those who followed it is evaluated anew, the others wait for that one. */
function coverLost(rr: RemediationRequest, deps: PhaseDeps): Outcome<"Blocked"> {
  const leader = rr.status?.routingStatus?.duplicateOf ?? "";
  const [first = rr] = inOrder(deps.caches, deps.caches.remediationRequests.byIndex(FOLLOWERS_BY_LEADER, leader));
  if (first.metadata.uid === rr.metadata.uid) return unblocked(rr, deps);
  const message = `${leader} did not cure the target; ${first.metadata.name} is tried next.`;
  return { ...blockedBy(rr, { reason: "ResourceBusy", blocker: workflowExecutionName(first.metadata.name), message }, deps), kind: "amend" };
}

/**
 * Blocks that another orchestrator made. One that ends at a time is evaluated anew then. One without a time ends by a rule that
 * is not known here: it stays, because going on could be just what it is there to prevent.
 */
function untilTime(rr: RemediationRequest, deps: PhaseDeps): Outcome<"Blocked"> {
  const { blockReason, blockedUntil } = rr.status?.routingStatus ?? {};
  const untilMs = epochMsOf(blockedUntil);
  if (untilMs === undefined) return blockReason === undefined || blockReason === "ResourceBusy" ? unblocked(rr, deps) : wait(deps.settings.safetyPollMs);
  const leftMs = untilMs - deps.clock.now();
  return leftMs > 0 ? wait(Math.min(leftMs, deps.settings.safetyPollMs)) : unblocked(rr, deps);
}

/** Back to the phase that was blocked, whose clock starts anew: time spent Blocked is nobody's fault. */
function unblocked(rr: RemediationRequest, { clock }: PhaseDeps): Outcome<"Blocked"> {
  const to = rr.status?.routingStatus?.blockedPhase ?? (rr.status?.phaseProgress?.aiAnalysisRef ? "Analyzing" : "Pending");
  const status = to === "Analyzing" ? withProgress(statusOf(rr), { analyzingStartTime: seconds(clock.now()) }) : statusOf(rr);
  return { kind: "move", to, status: withoutRouting(status), reason: "Unblocked", message: "What was in the way is over." };
}

/**
 * What the cache shows to have ended since this version of `rr` was written stays so; anything else is asked for, live: an end
 * from before may be that of an earlier execution of this name. Versions of two kinds compare where one store counts them, as
 * etcd does; where they did not, a view that is behind could let go what is blocked once more, and be contradicted.
 */
async function executionNamed(name: string, rr: RemediationRequest, { client, caches }: PhaseDeps, options: CallOptions): Promise<WorkflowExecution | undefined> {
  const key = { namespace: rr.metadata.namespace ?? "", name };
  const cached = caches.workflowExecutions.get(key);
  const endedSince = cached && isTerminalExecution(cached) && compareResourceVersions(cached.metadata.resourceVersion, rr.metadata.resourceVersion) > 0;
  return endedSince ? cached : client.get(kinds.WorkflowExecution, key, options);
}

/** Whether the target's Lease is about something else: nobody's workflow ends that block, so the Lease itself is asked, live. */
async function isForeign(rr: RemediationRequest, plan: LaunchPlan, deps: PhaseDeps, options: CallOptions): Promise<boolean> {
  return (await deps.claims.look(plan.target, holderOf(rr), options)) === "foreign";
}

/** Whether the target is still taken, or somebody else is to have it first. */
async function isBusy(rr: RemediationRequest, plan: LaunchPlan, deps: PhaseDeps, options: CallOptions): Promise<boolean> {
  const { caches, clock, settings } = deps;
  const targetKey = lockKey(plan.target.clusterID, plan.target.resource);
  const blocker = rr.status?.routingStatus?.blockingWorkflowExecution;
  if (!blocker && (await isForeign(rr, plan, deps, options))) return true;
  const blocking = blocker ? await executionNamed(blocker, rr, deps, options) : undefined;
  if (blocking && !isTerminalExecution(blocking) && !isChildOf(blocking, rr)) return true;
  const mine = caches.claimsOn(targetKey).every((lease) => lease.spec?.holderIdentity?.endsWith(`/${rr.metadata.uid}`) ?? false);
  if (!mine) return true;
  if (caches.executionsOn(targetKey).some((other) => !isTerminalExecution(other) && !isChildOf(other, rr))) return true;
  const [head] = waitersInOrder(caches, targetKey);
  const overForMs = clock.now() - (epochMsOf(blocking?.status?.completionTime) ?? 0);
  // The order is a courtesy: whoever is first may be stuck, and does not hold up the others for long.
  return head !== undefined && head.metadata.uid !== rr.metadata.uid && overForMs < settings.safetyPollMs;
}
