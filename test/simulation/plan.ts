import type { AnalysisVerdict } from "./workload.ts";
import type { ProtocolStep } from "./protocol-step.ts";

/**
 * What can go wrong. Those of a replica happen to the one that comes to the step; those of the network to its request; those
 * of the world to the target that the step is about.
 */
export const FAULTS = [
  "crash-before",
  "crash-after",
  "crash-late",
  "stop-before",
  "stop-after",
  "request-lost",
  "request-reset",
  "request-twice",
  "answer-lost",
  "answer-reset",
  "answer-late",
  "partition",
  "stuck",
  "429",
  "500",
  "500-landed",
  "503",
  "watch-closed",
  "watch-expired",
  "watch-silent",
  "watch-late",
  "api-restart",
  "clock-jump",
  "clock-drift",
  "lease-deleted",
  "execution-deleted",
  "job-deleted",
  "request-deleted",
  "request-recreated",
  "request-cancelled",
  "retention",
  "foreign-lock",
] as const;

export type FaultName = (typeof FAULTS)[number];

/** One thing that goes wrong: when a replica comes to `step` for the `nth` time of all replicas together, counted from 1. */
export interface Fault {
  readonly name: FaultName;
  readonly step: ProtocolStep;
  readonly nth: number;
  /** How long it lasts, or how late something is. Milliseconds. */
  readonly forMs: number;
  /** Settles whatever else the fault has to choose; in [0, 1). */
  readonly choice: number;
}

/** One alert of a world. */
export interface PlannedRequest {
  readonly name: string;
  /** Index of its target. */
  readonly target: number;
  /** Index of the workflow that cures it. */
  readonly workflow: number;
  readonly atMs: number;
  /** `new`: as the gateway creates it. `analysed`: somebody has processed it and chosen the workflow. */
  readonly from: "new" | "analysed";
  /** What somebody's analysis came to, where it is analysed; a workflow unless given. */
  readonly verdict?: AnalysisVerdict;
}

/** How long a workflow runs, with which end, and how long it goes on once it is told to stop. */
export interface PlannedWorkflow {
  readonly runMs: number;
  readonly exitCode: number;
  readonly stopMs: number;
}

/**
 * What ends workflows that would run for hours. `limit`: that of executing. The rest is somebody who has had enough: he cancels the remediation,
 * or deletes it, or the execution. `owner-lost`: he deletes the remediation, and the garbage collector does not come to its execution.
 */
export const STOPS = ["limit", "request-cancelled", "request-deleted", "owner-lost", "execution-deleted"] as const;

export type StopName = (typeof STOPS)[number];

/** What ends each workflow of a world in which they would run for hours. */
export interface PlannedStop {
  readonly by: StopName;
  /** From the moment on when an execution is Running; where a limit ends it, that limit. Milliseconds. */
  readonly afterMs: number;
  /** Settles how something is deleted; in [0, 1). */
  readonly choice: number;
}

/** How a replica is connected: the longest that a request, an answer and a line of a watch take in good times. */
export interface PlannedReplica {
  readonly requestMs: number;
  readonly answerMs: number;
  readonly lagMs: number;
  /** One of its watches lags by much more: the plural of the kind, and by how much at most. */
  readonly slowWatch: { readonly kind: string; readonly lagMs: number } | undefined;
}

/**
 * What replicas are told of each other. `honest`: what is so. `hidden`: nothing, each takes itself for the first in line.
 * `partly-hidden`: one of them is told nothing. `stale`: some are told of those who were there long ago, and not of those who
 * are there. `contradicting`: each is told of others. `crowd`: of many who say that they are there and never act, in front of
 * everybody, so nobody takes himself for the first. `flapping`: of some like these who come and go all the time.
 */
export const MEMBERSHIPS = ["honest", "hidden", "partly-hidden", "stale", "contradicting", "crowd", "flapping"] as const;

export type Membership = (typeof MEMBERSHIPS)[number];

/** A world and what happens in it. Everything else follows from `seed`. */
export interface Plan {
  readonly seed: number;
  readonly replicas: readonly PlannedReplica[];
  readonly membership: Membership;
  readonly targets: number;
  /** Indexes of targets that no workflow cures; none unless given. */
  readonly sick?: readonly number[];
  readonly workflows: readonly PlannedWorkflow[];
  readonly requests: readonly PlannedRequest[];
  /** Where workflows would run for hours: what stops each. */
  readonly stop?: PlannedStop;
  readonly faults: readonly Fault[];
  /** After this nothing goes wrong any more. Milliseconds. */
  readonly faultsEndMs: number;
}

/** What is drawn: when its faults end follows from them. */
export type DrawnPlan = Omit<Plan, "faultsEndMs">;

/** Whether nothing goes wrong, and nobody has to be stopped. */
export function isFaultFree({ faults, stop }: Plan): boolean {
  return faults.length === 0 && stop === undefined;
}

/** Whether nothing goes wrong, and replicas know of each other. */
export function isGoodDay(plan: Plan): boolean {
  return isFaultFree(plan) && plan.membership === "honest";
}
