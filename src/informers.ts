import { kinds } from "./api/kinds.ts";
import type { Job } from "./api/job.ts";
import type { KindInfo } from "./api/kind.ts";
import type { KubeObject } from "./api/object.ts";
import type { RemediationWorkflow } from "./api/remediation-workflow.ts";
import { lockKey } from "./api/target.ts";
import type { WorkflowExecution } from "./api/workflow-execution.ts";
import { createInformer, type RunnableInformer } from "./cache/informer.ts";
import type { IndexFunction } from "./cache/ports.ts";
import type { WorkerName } from "./config.ts";
import { MEMBER_LABEL } from "./controller/rank/membership.ts";
import type { Clock } from "./lib/clock.ts";
import type { Logger } from "./lib/log.ts";
import type { KubeClient } from "./kube/ports.ts";
import { claimedKey } from "./locking/claim-lease.ts";
import { LOCK_LABEL } from "./locking/lease-marks.ts";
import { followedLeader, FOLLOWERS_BY_LEADER, waitedForTarget, WAITERS_BY_TARGET } from "./remediation/waiters.ts";

const BY_TARGET = "target";

export interface InformersDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly namespace: string;
  readonly workers: readonly WorkerName[];
}

/** Every local copy of a replica, one per kind, shared by whoever reads it. */
export type Informers = ReturnType<typeof createInformers>;

/** The informers, not yet running. Jobs and the catalog are watched only where a worker needs them. */
export function createInformers(deps: InformersDeps) {
  const running: Pick<RunnableInformer<KubeObject>, "run" | "synced">[] = [];
  const inform = <T extends KubeObject>(kind: KindInfo<T>, indexes: Readonly<Record<string, IndexFunction<T>>> = {}, labelSelector?: string): RunnableInformer<T> => {
    const query = { namespace: deps.namespace, ...(labelSelector ? { labelSelector } : {}) };
    const informer = createInformer({ client: deps.client, clock: deps.clock, random: deps.random, log: deps.log, kind, query, indexes });
    running.push(informer);
    return informer;
  };
  const executionTarget = ({ spec }: WorkflowExecution): readonly string[] => [lockKey(spec.clusterID, spec.targetResource)];
  const workflowExecutions = inform(kinds.WorkflowExecution, { [BY_TARGET]: executionTarget });
  const leases = inform(kinds.Lease, { [BY_TARGET]: claimedKey }, LOCK_LABEL);
  return {
    remediationRequests: inform(kinds.RemediationRequest, { [WAITERS_BY_TARGET]: waitedForTarget, [FOLLOWERS_BY_LEADER]: followedLeader }),
    signalProcessings: inform(kinds.SignalProcessing),
    aiAnalyses: inform(kinds.AIAnalysis),
    workflowExecutions,
    effectivenessAssessments: inform(kinds.EffectivenessAssessment),
    notificationRequests: inform(kinds.NotificationRequest),
    leases,
    members: inform(kinds.Lease, {}, MEMBER_LABEL),
    jobs: deps.workers.includes("execution") ? inform<Job>(kinds.Job) : undefined,
    catalog: deps.workers.includes("analysis") ? inform<RemediationWorkflow>(kinds.RemediationWorkflow) : undefined,
    executionsOn: (targetKey: string) => workflowExecutions.cache.byIndex(BY_TARGET, targetKey),
    claimsOn: (targetKey: string) => leases.cache.byIndex(BY_TARGET, targetKey),
    /** Starts all of them; resolves when `signal` has aborted and all have stopped. */
    run: async (signal: AbortSignal): Promise<void> => void (await Promise.all(running.map((informer) => informer.run(signal)))),
    /** Resolves when each has applied its first list. */
    synced: async (signal: AbortSignal): Promise<void> => void (await Promise.all(running.map((informer) => informer.synced({ signal })))),
  };
}
