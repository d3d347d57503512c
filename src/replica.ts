import type { Lease } from "./api/lease.ts";
import { parseKey } from "./api/object.ts";
import { lockKey } from "./api/target.ts";
import { isTerminalExecution } from "./api/workflow-execution.ts";
import type { Config } from "./config.ts";
import { createController, type Controller } from "./controller/controller.ts";
import type { Reconciler } from "./controller/ports.ts";
import { runMembership } from "./controller/rank/membership.ts";
import { createRanking } from "./controller/rank/ranking.ts";
import { createInformers, type Informers } from "./informers.ts";
import { abortScope } from "./lib/abort-scope.ts";
import type { Clock } from "./lib/clock.ts";
import { InHand } from "./lib/in-hand.ts";
import { unlessAborted } from "./lib/unless-aborted.ts";
import type { Logger } from "./lib/log.ts";
import type { KubeClient } from "./kube/ports.ts";
import { createClaims } from "./locking/claims.ts";
import { createReaper, type Reaper } from "./locking/reaper.ts";
import { lockMetrics } from "./lock-metrics.ts";
import { createInstruments, type Instruments } from "./metrics/instruments.ts";
import { patient } from "./patience.ts";
import { claimsInPhase, mayClaimBeOver, stateOfClaim } from "./remediation/claims.ts";
import { createEventRecorder } from "./remediation/event-recorder.ts";
import { countSteps, logSteps } from "./remediation/observers.ts";
import { OwnSteps } from "./remediation/own-steps.ts";
import { createRemediation, versionOfRequest } from "./remediation/remediation.ts";
import { unwatchedRights, type Rights } from "./remediation/rights.ts";
import { subscribeTriggers } from "./remediation/triggers.ts";
import { targetKeyOf } from "./remediation/waiters.ts";
import { createWorkers } from "./workers.ts";

export interface ReplicaDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly instruments?: Instruments;
  /** What is known of our rights; absent: nobody looks. */
  readonly rights?: Rights;
  /** Told of what has been begun and is not over; absent: nobody asks. */
  readonly inHand?: Pick<InHand, "during">;
}

/** One replica at work, without a socket of its own. */
export interface Replica {
  /** Stops taking work, finishes what is in hand, gives back what it holds. Once only. */
  stop(): Promise<void>;
}

/** Keys in hand at once, per controller. */
const WORKERS_PER_CONTROLLER = 16;
/** How long work in hand may take once the replica is told to stop. */
const GRACE_MS = 5000;
const EVENT_COALESCE_MS = 1000;
/** What the second in the line for a target waits before it acts. */
const RANK_STEP_MS = 300;
/** What the last in the longest line waits at most: with the requests of its step it acts within a second. */
const RANK_LIMIT_MS = 900;

/**
 * Starts one replica: everything but the process around it. Resolves when its caches are there and it works; rejects with the
 * signal's reason when that aborts before, and nothing of it runs any more then.
 */
export async function startReplica(config: Config, deps: ReplicaDeps, { signal }: { readonly signal?: AbortSignal } = {}): Promise<Replica> {
  const { client, clock, random, log, instruments = createInstruments(), inHand = new InHand(), rights = unwatchedRights } = deps;
  const informers = createInformers({ client, clock, random, log, namespace: config.namespace, workers: config.workers });
  const life = abortScope();
  const ending = abortScope();
  const watching = informers.run(life.signal);
  await unlessAborted(informers.synced(life.signal), signal).catch(async (error: unknown) => {
    life.abort();
    await watching;
    throw error;
  });
  const ranking = createRanking({ identity: config.identity, leases: informers.members, clock, stepMs: RANK_STEP_MS, limitMs: RANK_LIMIT_MS });
  const membership = inHand.during("the membership Lease", () => runMembership({ client, namespace: config.namespace, identity: config.identity, clock, log }, ending.signal));

  const caches = cachesOf(informers);
  const events = createEventRecorder({ writer: client, clock, log, identity: config.identity, coalesceMs: EVENT_COALESCE_MS });
  const known = { on: informers.claimsOn, deleted: (lease: Lease) => informers.leases.observeDeleted(lease) };
  const claims = createClaims({ client, namespace: config.namespace, identity: config.identity, clock, metrics: lockMetrics(instruments), log, known });
  const reaper = reaperOf(informers, caches, { client, clock, random, log, instruments }, life.signal);
  const own = new OwnSteps();
  const reconcile = createRemediation({ client, caches, claims, observers: [own.observe, logSteps(log), countSteps(instruments), events.observe], clock, random, settings: config.remediation, rights });
  const control = (name: string, reconciler: Reconciler, targetOf: (key: string) => string, versionOf: (key: string) => string): Controller => {
    const look = patient(reconciler, rights);
    const reconcile: Reconciler = (key, context) => inHand.during(`${name} ${key}`, () => look(key, context));
    return createController({ name, reconcile, workers: WORKERS_PER_CONTROLLER, ranking, targetOf, versionOf, clock, random, log, instruments });
  };
  const requestAt = (key: string) => informers.remediationRequests.cache.get(parseKey(key));
  const remediations = control("remediation", reconcile, (key) => of(requestAt(key), targetKeyOf) ?? key, (key) => of(requestAt(key), (rr) => versionOfRequest(caches, rr)) ?? "");
  const workers = createWorkers({ config, client, clock, informers, claims, control });

  const running = [remediations, ...workers.controllers].map((controller) => controller.run(ending.signal, GRACE_MS));
  const reaping = reaper.run({ signal: life.signal });
  const unsubscribe = [subscribeTriggers(informers, caches, own, (key) => remediations.enqueue(key)), workers.subscribe(), wakeReaper(informers, reaper)];
  return {
    async stop() {
      unsubscribe.forEach((end) => end());
      ending.abort();
      await Promise.all([...running, membership]);
      await inHand.during("Events", () => events.flush());
      ranking.close();
      life.abort();
      await Promise.all([watching, reaping]);
    },
  };
}

function reaperOf(informers: Informers, caches: ReturnType<typeof cachesOf>, deps: Pick<ReplicaDeps, "client" | "clock" | "random" | "log"> & { readonly instruments: Instruments }, signal: AbortSignal): Reaper {
  const { instruments, ...rest } = deps;
  return createReaper({
    ...rest,
    leases: informers.leases.cache,
    stateOf: async (holder) => (mayClaimBeOver(caches, holder) ? stateOfClaim(deps.client, holder, { signal }) : "needed"),
    metrics: lockMetrics(instruments),
  });
}

function cachesOf(informers: Informers) {
  return {
    remediationRequests: informers.remediationRequests.cache,
    signalProcessings: informers.signalProcessings.cache,
    aiAnalyses: informers.aiAnalyses.cache,
    workflowExecutions: informers.workflowExecutions.cache,
    effectivenessAssessments: informers.effectivenessAssessments.cache,
    notificationRequests: informers.notificationRequests.cache,
    executionsOn: informers.executionsOn,
    claimsOn: informers.claimsOn,
  };
}

function of<T, R>(value: T | undefined, read: (value: T) => R): R | undefined {
  return value === undefined ? undefined : read(value);
}

/** The reaper looks when the second of the two that a claim waits for has ended; the first one's end is followed by a release. */
function wakeReaper(informers: Informers, reaper: Reaper): () => void {
  const stops = [
    informers.remediationRequests.subscribe(({ type, object }) => {
      const over = type === "DELETED" || !claimsInPhase(object.status?.overallPhase);
      if (over && informers.claimsOn(targetKeyOf(object)).length > 0) reaper.wake();
    }),
    informers.workflowExecutions.subscribe(({ type, object }) => {
      const over = type === "DELETED" || isTerminalExecution(object);
      if (over && informers.claimsOn(lockKey(object.spec.clusterID, object.spec.targetResource)).length > 0) reaper.wake();
    }),
  ];
  return () => stops.forEach((stop) => stop());
}
