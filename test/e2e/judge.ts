import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/api/kinds.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import { LOCK_LABEL } from "../../src/locking/lease-marks.ts";
import { NAMESPACE } from "./cluster-setup.ts";
import { violationsIn } from "./invariants.ts";
import { judgeLedger } from "./ledger.ts";
import { quantile, recoveryTimes, type FaultMark } from "./recovery.ts";
import type { Rounds } from "./rounds.ts";
import type { World } from "./world.ts";

/** What came of a story: a row of the table, and everything that is wrong. */
export interface Verdict {
  readonly story: string;
  readonly launches: number;
  readonly contended: number;
  readonly doubled: number;
  readonly lost: number;
  readonly fenced: number;
  /** Ended, and not Remediated. */
  readonly otherwise: number;
  readonly faults: number;
  readonly seconds: number;
  readonly recoveryP50Ms: number | undefined;
  readonly recoveryMaxMs: number | undefined;
  /** Empty when the story passed. */
  readonly wrong: readonly string[];
  /** Worth knowing, and no failure. */
  readonly notes: readonly string[];
}

export interface Told {
  readonly story: string;
  readonly rounds: Rounds;
  readonly marks: readonly FaultMark[];
  readonly seconds: number;
  readonly contended: number;
}

const REST_WITHIN_MS = 40_000;

/** Judges a story that is over by what the watch and the ledger have seen of it; waits until everything has come to rest. */
export async function judge(world: World, told: Told): Promise<Verdict> {
  const left = await leftOver(world);
  const violations = violationsIn(world.record.changes);
  const ledger = judgeLedger(world.ledger.lines());
  const lost = told.rounds.lost();
  const outcomes = outcomesOf(world, told.rounds);
  const times = recoveryTimes(told.marks, world.record.progress);
  const doubles = new Set([...ledger.overlaps, ...ledger.ranTwice, ...violations.filter(({ invariant }) => invariant === "I1" || invariant === "I2").map(({ what }) => what)]);
  return {
    story: told.story,
    launches: told.rounds.launched.size,
    contended: told.contended,
    doubled: doubles.size,
    lost: lost.length,
    fenced: world.record.fenced.size,
    otherwise: [...outcomes].filter(([outcome]) => outcome !== "Remediated").reduce((sum, [, count]) => sum + count, 0),
    faults: told.marks.length,
    seconds: told.seconds,
    recoveryP50Ms: quantile(times, 0.5),
    recoveryMaxMs: quantile(times, 1),
    wrong: [
      ...ledger.overlaps.map((what) => `ran at once: ${what}`),
      ...ledger.ranTwice.map((what) => `ran twice: ${what}`),
      ...violations.map(({ invariant, what, version }) => `${invariant} at ${version}: ${what}`),
      ...lost.map((name) => `lost: ${name} is ${world.record.request(name)?.status?.overallPhase} (${world.record.request(name)?.status?.message})`),
      ...left.map((what) => `left over: ${what}`),
    ],
    notes: [
      ...[...outcomes].filter(([outcome]) => outcome !== "Remediated").map(([outcome, count]) => `${count} ended ${outcome}`),
      ...ledger.podsTwice.map((what) => `Kubernetes ran two pods of a Job: ${what}`),
      ...ledger.fencesBack.map((what) => `the fence went back: ${what}`),
      ...(world.record.holes > 0 ? [`the watch had ${world.record.holes} holes so far`] : []),
    ],
  };
}

/** How many requests ended how. */
function outcomesOf(world: World, rounds: Rounds): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const name of rounds.launched.keys()) {
    const { overallPhase, completionStatus, message } = world.record.request(name)?.status ?? {};
    const outcome = completionStatus?.outcome ?? `${overallPhase ?? "nowhere"}: ${message ?? ""}`.replaceAll(name, "<name>");
    if (!rounds.lost().includes(name)) counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
  }
  return counts;
}

/** What is still there after patience: locks, Jobs and executions at work, finalizers. */
async function leftOver(world: World): Promise<readonly string[]> {
  const deadline = performance.now() + REST_WITHIN_MS;
  for (;;) {
    const left = [...world.record.restless(), ...(await locks(world))];
    if (left.length === 0 || performance.now() > deadline) return left;
    await sleep(50);
  }
}

async function locks(world: World): Promise<readonly string[]> {
  try {
    const { items } = await world.client.list(kinds.Lease, { namespace: NAMESPACE, labelSelector: LOCK_LABEL });
    return items.map(({ metadata, spec }) => `Lease ${metadata.name} of ${spec?.holderIdentity}`);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return [`unknown: ${error.message}`];
  }
}
