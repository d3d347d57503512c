import { aiAnalysisName, effectivenessAssessmentName, signalProcessingName, workflowExecutionName } from "../api/child-names.ts";
import type { NotificationRequest } from "../api/notification-request.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { CacheReader } from "../cache/ports.ts";
import type { Reconciler } from "../controller/ports.ts";
import type { Clock } from "../lib/clock.ts";
import type { Reader, Writer } from "../kube/ports.ts";
import type { Claims } from "../locking/ports.ts";
import { createAfterEnd } from "./after-end.ts";
import { createApplyTransition } from "./apply-transition.ts";
import { createChildren } from "./children.ts";
import { createLaunchWorkflow } from "./launch-workflow.ts";
import type { Observer } from "./observers.ts";
import type { RemediationCaches } from "./phases/deps.ts";
import { createPhases } from "./phases/phases.ts";
import { createReconciler } from "./reconciler.ts";
import { createBusyCheck } from "./routing/busy-check.ts";
import { createCoveredCheck } from "./routing/covered-check.ts";
import { createRoutingEngine } from "./routing/engine.ts";
import { unwatchedRights, type Rights } from "./rights.ts";
import type { RemediationSettings } from "./settings.ts";
import { createTimeoutGuard } from "./timeout-guard.ts";
import { targetKeyOf } from "./waiters.ts";

export interface RemediationDeps {
  readonly client: Reader & Writer;
  readonly caches: RemediationCaches & { readonly notificationRequests: CacheReader<NotificationRequest> };
  readonly claims: Claims;
  readonly observers: readonly Observer[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly settings: RemediationSettings;
  readonly rights?: Rights;
}

/** The reconciler of RemediationRequests with everything that stands behind it. */
export function createRemediation(deps: RemediationDeps): Reconciler {
  const { client, caches, claims, clock, random, settings, rights = unwatchedRights } = deps;
  const children = createChildren(client);
  const covered = createCoveredCheck({ reader: client, executionsOn: caches.executionsOn });
  // Order matters: a cure that is there already is better than waiting for the target.
  const checks = [covered, createBusyCheck(client, caches.executionsOn)];
  const routing = createRoutingEngine({ reader: client, claims, checks, contentionRetryMs: settings.contentionRetryMs, random });
  const launch = createLaunchWorkflow({ client, routing, children, clock, settings, rights });
  return createReconciler({
    reader: client,
    cached: caches.remediationRequests,
    phases: createPhases({ client, caches, children, claims, covered, launch, clock, settings }),
    timeouts: createTimeoutGuard({ clock, settings }),
    rights,
    apply: createApplyTransition({ writer: client, clock, observers: deps.observers, settings }),
    afterEnd: createAfterEnd({ client, children, notifications: caches.notificationRequests, clock, settings }),
  });
}

/**
 * What changes when anything about a remediation moves: its own version and its children's. Read from the caches. A claim is no
 * movement: whoever died right after it has claimed would cost a second turn.
 */
export function versionOfRequest(caches: RemediationDeps["caches"], rr: RemediationRequest): string {
  const at = (name: string): { readonly namespace: string; readonly name: string } => ({ namespace: rr.metadata.namespace ?? "", name });
  const { name } = rr.metadata;
  const moving = [
    rr,
    caches.signalProcessings.get(at(signalProcessingName(name))),
    caches.aiAnalyses.get(at(aiAnalysisName(name))),
    caches.workflowExecutions.get(at(workflowExecutionName(name))),
    caches.effectivenessAssessments.get(at(effectivenessAssessmentName(name))),
    ...caches.executionsOn(targetKeyOf(rr)),
  ];
  return moving.map((object) => object?.metadata.resourceVersion ?? "").join(",");
}

