import type { AIAnalysis } from "../api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../api/effectiveness-assessment.ts";
import type { Lease } from "../api/lease.ts";
import { controllerOf, keyOf, type KubeObject } from "../api/object.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { SignalProcessing } from "../api/signal-processing.ts";
import { lockKey } from "../api/target.ts";
import { isTerminalPhase } from "../api/phase.ts";
import { isTerminalExecution, type WorkflowExecution } from "../api/workflow-execution.ts";
import type { CacheEvent, Informer } from "../cache/ports.ts";
import { claimedKey } from "../locking/claim-lease.ts";
import type { OwnSteps } from "./own-steps.ts";
import type { RemediationCaches } from "./phases/deps.ts";
import { isTerminal } from "./phases/transitions.ts";
import { FOLLOWERS_BY_LEADER, targetKeyOf, WAITERS_BY_TARGET, waitersInOrder } from "./waiters.ts";

/** What the controller has to be told of: a key to look at. */
export type Enqueue = (key: string) => void;

export interface RemediationInformers {
  readonly remediationRequests: Informer<RemediationRequest>;
  readonly signalProcessings: Informer<SignalProcessing>;
  readonly aiAnalyses: Informer<AIAnalysis>;
  readonly workflowExecutions: Informer<WorkflowExecution>;
  readonly effectivenessAssessments: Informer<EffectivenessAssessment>;
  readonly leases: Informer<Lease>;
}

/** A child whose end its owner waits for. */
type Child = SignalProcessing | AIAnalysis | EffectivenessAssessment;

/**
 * Turns what is watched into keys of RemediationRequests. Nothing downstream learns what happened, only whom to look at.
 * Returns the way to stop.
 */
export function subscribeTriggers(informers: RemediationInformers, caches: RemediationCaches, own: OwnSteps, enqueue: Enqueue): () => void {
  const onChild = (event: CacheEvent<Child>): void => {
    // Its birth and its progress are nothing that its owner goes on for.
    if (event.type === "DELETED" || isTerminalPhase(event.object.status?.phase)) enqueueOwner(event.object, caches, enqueue);
  };
  const stops = [
    informers.remediationRequests.subscribe((event) => onRequest(event, caches, own, enqueue)),
    informers.signalProcessings.subscribe(onChild),
    informers.aiAnalyses.subscribe(onChild),
    informers.effectivenessAssessments.subscribe(onChild),
    informers.workflowExecutions.subscribe((event) => onExecution(event, caches, enqueue)),
    informers.leases.subscribe((event) => onLease(event, caches, enqueue)),
  ];
  return () => stops.forEach((stop) => stop());
}

/** One that its cache does not have yet has an event of its own to come; before that nobody here knows its target, and so whose turn it is. */
function enqueueOwner(object: KubeObject, { remediationRequests }: RemediationCaches, enqueue: Enqueue): void {
  const owner = controllerOf(object);
  const known = owner && remediationRequests.get({ namespace: object.metadata.namespace ?? "", name: owner.name });
  if (known) enqueue(keyOf(known));
}

/** Itself, unless it was us who moved it there; when it ended or is gone also those who follow it, and whoever is next in line behind it. */
function onRequest(event: CacheEvent<RemediationRequest>, caches: RemediationCaches, own: OwnSteps, enqueue: Enqueue): void {
  const rr = event.object;
  if (!own.isKnown(rr)) enqueue(keyOf(rr));
  if (event.type === "DELETED") own.forget(rr);
  else if (!isTerminal(rr.status?.overallPhase ?? "")) return;
  for (const follower of caches.remediationRequests.byIndex(FOLLOWERS_BY_LEADER, rr.metadata.name)) enqueue(keyOf(follower));
  wakeFirst(targetKeyOf(rr), caches, enqueue);
}

/** One that has ended: its owner, whoever it may have cured, and the first in line for its target. It ends once: what comes after that is tidying up. */
function onExecution(event: CacheEvent<WorkflowExecution>, caches: RemediationCaches, enqueue: Enqueue): void {
  const { object } = event;
  if (event.type !== "DELETED" && !isTerminalExecution(object)) return;
  if (event.type === "MODIFIED" && isTerminalExecution(event.previous)) return;
  enqueueOwner(object, caches, enqueue);
  const targetKey = lockKey(object.spec.clusterID, object.spec.targetResource);
  const { workflowId } = object.spec.workflowRef;
  wakeFirst(targetKey, caches, enqueue);
  for (const waiter of caches.remediationRequests.byIndex(WAITERS_BY_TARGET, targetKey)) {
    if (waiter.status?.workflowSelection?.selectedWorkflowRef?.workflowId === workflowId) enqueue(keyOf(waiter));
  }
}

/** A claim that went lets the first in line try, and those whose launch met it. */
function onLease({ type, object }: CacheEvent<Lease>, caches: RemediationCaches, enqueue: Enqueue): void {
  if (type !== "DELETED") return;
  for (const targetKey of claimedKey(object)) {
    wakeFirst(targetKey, caches, enqueue);
    for (const waiter of caches.remediationRequests.byIndex(WAITERS_BY_TARGET, targetKey)) {
      if (waiter.status?.overallPhase === "Analyzing") enqueue(keyOf(waiter));
    }
  }
}

function wakeFirst(targetKey: string, caches: RemediationCaches, enqueue: Enqueue): void {
  const [first] = waitersInOrder(caches, targetKey);
  if (first) enqueue(keyOf(first));
}
