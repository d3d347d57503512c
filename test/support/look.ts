import type { AIAnalysis } from "../../src/api/ai-analysis.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { keyOf, type KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { lockKey } from "../../src/api/target.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { CacheReader, IndexFunction } from "../../src/cache/ports.ts";
import { createStore } from "../../src/cache/store.ts";
import type { Result } from "../../src/controller/ports.ts";
import type { Clock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { claimedKey } from "../../src/locking/claim-lease.ts";
import { createClaims } from "../../src/locking/claims.ts";
import { noLockMetrics } from "../../src/locking/metrics.ts";
import { createRemediation } from "../../src/remediation/remediation.ts";
import { defaultSettings, type RemediationSettings } from "../../src/remediation/settings.ts";
import { followedLeader, FOLLOWERS_BY_LEADER, waitedForTarget, WAITERS_BY_TARGET } from "../../src/remediation/waiters.ts";
import { NAMESPACE } from "./builders.ts";
import type { FakeKube } from "./fake-kube.ts";

/** What caches show that are behind. */
export interface Seen {
  readonly remediationRequests?: readonly RemediationRequest[];
  readonly aiAnalyses?: readonly AIAnalysis[];
  readonly workflowExecutions?: readonly WorkflowExecution[];
}

/** One look at a RemediationRequest by a replica whose caches are up to date, but for those that it is told of. */
export async function lookAt(name: string, kube: FakeKube, clock: Clock, settings: Partial<RemediationSettings> = {}, seen: Seen = {}): Promise<Result> {
  const claims = createClaims({ client: kube, namespace: NAMESPACE, identity: "replica-0", clock, metrics: noLockMetrics, log: silentLogger });
  const caches = await cachesOf(kube, seen);
  const reconcile = createRemediation({ client: kube, caches, claims, observers: [], clock, random: () => 0.5, settings: { ...defaultSettings, ...settings } });
  return reconcile(keyOf({ metadata: { namespace: NAMESPACE, name } }), { signal: new AbortController().signal, log: silentLogger });
}

async function cachesOf(kube: FakeKube, seen: Seen) {
  const executions = filled<WorkflowExecution>(seen.workflowExecutions ?? (await kube.list(kinds.WorkflowExecution)).items, { target: ({ spec }) => [lockKey(spec.clusterID, spec.targetResource)] });
  const leases = await cached(kube, kinds.Lease, { target: claimedKey });
  return {
    remediationRequests: filled(seen.remediationRequests ?? (await kube.list(kinds.RemediationRequest)).items, { [WAITERS_BY_TARGET]: waitedForTarget, [FOLLOWERS_BY_LEADER]: followedLeader }),
    signalProcessings: await cached(kube, kinds.SignalProcessing),
    aiAnalyses: filled(seen.aiAnalyses ?? (await kube.list(kinds.AIAnalysis)).items, {}),
    workflowExecutions: executions,
    effectivenessAssessments: await cached(kube, kinds.EffectivenessAssessment),
    notificationRequests: await cached(kube, kinds.NotificationRequest),
    executionsOn: (targetKey: string) => executions.byIndex("target", targetKey),
    claimsOn: (targetKey: string) => leases.byIndex("target", targetKey),
  };
}

async function cached<T extends KubeObject>(kube: FakeKube, kind: KindInfo<T>, indexes: Readonly<Record<string, IndexFunction<T>>> = {}): Promise<CacheReader<T>> {
  return filled((await kube.list(kind)).items, indexes);
}

function filled<T extends KubeObject>(objects: readonly T[], indexes: Readonly<Record<string, IndexFunction<T>>>): CacheReader<T> {
  const store = createStore(indexes);
  store.swap(objects, "0");
  return store;
}
