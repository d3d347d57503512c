import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { contendedLaunches } from "./contended.ts";
import { untrueEndings } from "./endings.ts";
import type { Change } from "./follow.ts";
import { violationsIn, type Watched } from "./invariants.ts";
import { killsTold, neverKilled, type Kill } from "./kills.ts";
import { judgeLedger, type LedgerLine, type LedgerVerdict } from "./ledger.ts";
import { quantile, timesToNextStep, type Moment, type Progress } from "./recovery.ts";
import { standstillsTold } from "./standstill.ts";

/** What came of the attempts to break something. */
export interface Strikes {
  readonly made: number;
  /** How many of them hit nothing. */
  readonly missed: number;
  /** Ways in which a fault did not do what it is for. */
  readonly wrong: readonly string[];
  readonly notes: readonly string[];
}

/** Everything that was seen of a story. */
export interface Evidence {
  readonly story: string;
  readonly seconds: number;
  /** Each RemediationRequest that was made, as it was at the end; undefined for one that is not there. */
  readonly requests: ReadonlyMap<string, RemediationRequest | undefined>;
  readonly changes: readonly Change<Watched>[];
  readonly lines: readonly LedgerLine[];
  /** How many executions gave way. */
  readonly fenced: number;
  /** What is there that should not be, after patience. */
  readonly left: readonly string[];
  /** When something was hit. */
  readonly faults: readonly Moment[];
  /** Moments that nothing chose, what faults are seen against. */
  readonly any: readonly Moment[];
  readonly progress: readonly Progress[];
  /** Holes in the watch: states between were not seen. */
  readonly holes: number;
  /** How many contended launches there should be at least; absent where their number is no matter. */
  readonly wanted?: number;
  /** Absent where nothing is broken. */
  readonly strikes?: Strikes;
  /** Present when requests may end otherwise than Remediated: what was broken is what judges them. */
  readonly endsOtherwise?: true;
  /** Present when locks were deleted by hand: who claimed earlier may then run later. */
  readonly locksDeleted?: true;
  /** Present when the story has to kill a replica at each step at each moment. */
  readonly kills?: readonly Kill[];
}

/** How long targets waited for their next step, in milliseconds. */
export interface Waits {
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** What came of a story: a row of the table, and everything that is wrong. */
export interface Verdict {
  readonly story: string;
  /** RemediationRequests that were made. */
  readonly launches: number;
  /** Those that had another request for the same target beside them, not ended, when their execution was created. */
  readonly contended: number;
  /** Workflows that began to act. */
  readonly ran: number;
  readonly doubled: number;
  readonly lost: number;
  readonly fenced: number;
  /** Ended, and not Remediated. */
  readonly otherwise: number;
  readonly faults: number;
  readonly seconds: number;
  /** From a fault to the next step on a target; undefined without faults. */
  readonly recovery: Waits | undefined;
  /** The same from any moment of the story. */
  readonly anyMoment: Waits | undefined;
  /** Empty when the story passed. */
  readonly wrong: readonly string[];
  /** Worth knowing, and no failure. */
  readonly notes: readonly string[];
}

const REMEDIATED = "Remediated";

/** Judges. Pure. */
export function verdictOf(evidence: Evidence): Verdict {
  const violations = violationsIn(evidence.changes);
  const ledger = judgeLedger(evidence.lines);
  const contended = contendedLaunches(evidence.changes).size;
  const lost = [...evidence.requests].filter(([, request]) => !isTerminalPhase(request?.status?.overallPhase));
  const others = outcomesOf(evidence).filter(([outcome]) => outcome !== REMEDIATED);
  const doubles = new Set([...ledger.overlaps, ...ledger.ranTwice, ...violations.filter(({ invariant }) => invariant === "I1" || invariant === "I2").map(({ what }) => what)]);
  const broken = [
    ...ledger.overlaps.map((what) => `ran at once: ${what}`),
    ...ledger.ranTwice.map((what) => `ran twice: ${what}`),
    ...violations.map(({ invariant, what, version }) => `${invariant} at ${version}: ${what}`),
    ...lost.map(([name, request]) => `lost: ${name} is ${request?.status?.overallPhase ?? "not there"} (${request?.status?.message})`),
    ...untrueEndings(evidence.requests, ledger).remediated.map((what) => `untrue: ${what}`),
  ];
  const permitted = permittedIn(evidence, ledger, others);
  return {
    story: evidence.story,
    launches: evidence.requests.size,
    contended,
    ran: ledger.runs,
    doubled: doubles.size,
    lost: lost.length,
    fenced: evidence.fenced,
    otherwise: others.reduce((sum, [, count]) => sum + count, 0),
    faults: evidence.faults.length,
    seconds: evidence.seconds,
    recovery: waitsFrom(evidence.faults, evidence),
    anyMoment: waitsFrom(evidence.any, evidence),
    wrong: [...broken, ...permitted.wrong, ...undone(evidence, contended)],
    notes: [...permitted.notes, ...told(evidence, ledger)],
  };
}

/** What the story left undone: what it did not put away, and what it did not do. */
function undone({ left, wanted = 0, kills, faults, strikes }: Evidence, contended: number): readonly string[] {
  return [
    ...(strikes?.wrong ?? []),
    ...(strikes && faults.length === 0 ? [`the fault never hit anything, in ${strikes.made} strikes`] : []),
    ...left.map((what) => `left over: ${what}`),
    ...(contended < wanted ? [`${contended} contended launches, and not ${wanted}`] : []),
    ...(kills ? neverKilled(kills).map((when) => `never killed at ${when}`) : []),
  ];
}

function told({ holes, kills, strikes, ...seen }: Evidence, ledger: LedgerVerdict): readonly string[] {
  return [
    ...(strikes?.notes ?? []),
    ...(strikes && strikes.missed > 0 ? [`${strikes.missed} of ${strikes.made} strikes hit nothing`] : []),
    ...ledger.podsTwice.map((what) => `Kubernetes ran two pods of a Job: ${what}`),
    ...(holes > 0 ? [`the watch had ${holes} holes so far`] : []),
    ...(kills ? killsTold(kills) : []),
    ...standstillsTold(seen),
  ];
}

/** What is wrong in most stories, and no more than worth a note in those that break what it rests on. */
function permittedIn({ requests, endsOtherwise, locksDeleted }: Evidence, ledger: LedgerVerdict, others: readonly Outcome[]): Pick<Verdict, "wrong" | "notes"> {
  const ends = [...others.map(([outcome, count]) => `${count} ended ${outcome}`), ...untrueEndings(requests, ledger).otherwise.map((what) => `untrue: ${what}`)];
  const fences = ledger.staleFences.map((what) => `the fence did not grow: ${what}`);
  return {
    wrong: [...(endsOtherwise ? [] : ends), ...(locksDeleted ? [] : fences)],
    notes: [...(endsOtherwise ? ends : []), ...(locksDeleted ? fences : [])],
  };
}

function waitsFrom(moments: readonly Moment[], { progress }: Evidence): Waits | undefined {
  const times = timesToNextStep(moments, progress);
  const [p50Ms, p99Ms, maxMs] = [quantile(times, 0.5), quantile(times, 0.99), quantile(times, 1)];
  return p50Ms === undefined || p99Ms === undefined || maxMs === undefined ? undefined : { p50Ms, p99Ms, maxMs };
}

type Outcome = readonly [outcome: string, count: number];

/** How many requests ended how. */
function outcomesOf({ requests }: Evidence): readonly Outcome[] {
  const ended = [...requests].filter(([, request]) => isTerminalPhase(request?.status?.overallPhase));
  const outcomes = Map.groupBy(ended, ([name, request]) => {
    const { overallPhase, completionStatus, message = "" } = request?.status ?? {};
    return completionStatus?.outcome ?? `${overallPhase}: ${message.replaceAll(name, "<name>")}`;
  });
  return [...outcomes].map(([outcome, those]) => [outcome, those.length]);
}
