import { setTimeout as sleep } from "node:timers/promises";
import { anyMoment, momentOf } from "./any-moment.ts";
import { contendedLaunches } from "./contended.ts";
import { judge } from "./judge.ts";
import { neverKilled, type Kill } from "./kills.ts";
import type { Moment } from "./recovery.ts";
import { Rounds } from "./rounds.ts";
import type { Story, StoryContext } from "./story.ts";
import type { Verdict } from "./verdict.ts";

/** What a fault may use. */
export interface Harm extends StoryContext {
  /** This moment, for a fault that knows only later whether it hits something. */
  readonly moment: () => Moment;
  /** Notes that something was hit, now or at that moment: a fault counts by this alone, and time until work went on is counted from then. */
  readonly mark: (at?: Moment) => void;
  /** Notes that a fault does not do what it is for: the story fails. */
  readonly wrong: (what: string) => void;
  /** Notes what is worth knowing of a fault. */
  readonly note: (what: string) => void;
  /** Notes that a replica was killed at one of its writes. */
  readonly killed: (kill: Kill) => void;
  /** Resolves when every target that has work to do has moved a step forward or has none any more, or after a minute. */
  readonly workGoesOn: () => Promise<void>;
  /** Whether launches are being made; a fault without work to disturb proves nothing. */
  readonly rounds: Rounds;
}

/** A way to break things. */
export interface Fault {
  readonly name: string;
  /** Its part of the launches, relative to the others. */
  readonly share: number;
  /** How often it strikes at least, and up to three times as often until that many strikes have hit something. */
  readonly times: number;
  /** Present: its story fails unless a replica was killed at each step at each moment. */
  readonly killsAtEachStep?: true;
  /** Present: requests may end otherwise than Remediated, because it breaks what their limits are judged by. */
  readonly endsOtherwise?: true;
  /** Present: locks are deleted by hand, and fences with them. */
  readonly deletesLocks?: true;
  /** Breaks something once and makes it whole again, and marks it if that hit something. `turn` counts from 0. */
  strike(harm: Harm, turn: number): Promise<void>;
  /** After the last strike, before everything is healed: what only this fault has to put back. */
  end?(harm: Harm): Promise<void>;
}

/** Requests at once on a target: all launches but the last of each round have others beside them. */
const TOGETHER = 8;
/** Targets at once, each with a round of its own going: more for many launches, few enough for a short run to get somewhere. */
const TARGETS = { least: 4, most: 20, roundsEach: 2 };
/** How often the changes are looked through for how many launches were contended. */
const COUNT_EVERY_MS = 1000;
const GOES_ON_WITHIN_MS = 60_000;
/** How many times as many strikes as a fault needs it may take to hit something that often. */
const PATIENCE = 3;

/** Contended launches while a fault strikes again and again. */
export function chaos(fault: Fault): Story {
  return { name: fault.name, share: fault.share, tell: (context) => tell(fault, context) };
}

async function tell(fault: Fault, context: StoryContext): Promise<Verdict> {
  const { world, launches, signal } = context;
  const startedMs = performance.now();
  const seen: Seen = { faults: [], kills: [], wrong: [], notes: [], made: 0, missed: 0 };
  const contended = contendedSoFar(context);
  let striking = true;
  const rounds = new Rounds(world, {
    story: fault.name,
    targets: world.targets.slice(0, targetsFor(launches)),
    together: TOGETHER,
    more: () => !signal.aborted && (striking || contended() < launches),
  });
  const strike = async (): Promise<void> => {
    await strikeAgainAndAgain(fault, harmOf(context, rounds, seen), seen, () => contended() < launches);
    striking = false;
    await world.heal();
  };
  using any = anyMoment(rounds);
  await Promise.all([rounds.run(), strike()]);
  const seconds = (performance.now() - startedMs) / 1000;
  const { faults, kills, ...strikes } = seen;
  return judge(world, { story: fault.name, rounds, wanted: launches, faults, strikes, any: any.moments, seconds, ...(fault.killsAtEachStep && { kills }), ...(fault.endsOtherwise && { endsOtherwise: true }), ...(fault.deletesLocks && { locksDeleted: true }) });
}

/** What a fault has said of itself so far. */
interface Seen {
  readonly faults: Moment[];
  readonly kills: Kill[];
  readonly wrong: string[];
  readonly notes: string[];
  made: number;
  missed: number;
}

function harmOf(context: StoryContext, rounds: Rounds, { faults, kills, wrong, notes }: Seen): Harm {
  const moment = (): Moment => momentOf(rounds);
  return {
    ...context,
    rounds,
    moment,
    mark: (at = moment()) => void faults.push(at),
    wrong: (what) => void wrong.push(what),
    note: (what) => void notes.push(what),
    killed: (kill) => void kills.push(kill),
    workGoesOn: () => nextStep(context, rounds),
  };
}

async function strikeAgainAndAgain(fault: Fault, harm: Harm, seen: Seen, more: () => boolean): Promise<void> {
  const lacking = (): boolean => (fault.killsAtEachStep ? neverKilled(seen.kills).length > 0 : seen.faults.length < fault.times);
  for (; !harm.signal.aborted && (seen.made < fault.times || more() || (lacking() && seen.made < PATIENCE * fault.times)); seen.made++) {
    const { length } = seen.faults;
    await fault.strike(harm, seen.made);
    if (seen.faults.length === length) seen.missed++;
  }
  await fault.end?.(harm);
}

async function nextStep({ world: { record }, signal }: StoryContext, rounds: Rounds): Promise<void> {
  const { length } = record.progress;
  const deadline = performance.now() + GOES_ON_WITHIN_MS;
  const waiting = new Set(rounds.busyTargets());
  while (waiting.size > 0 && !signal.aborted && performance.now() < deadline) {
    await sleep(20);
    for (const { target } of record.progress.slice(length)) waiting.delete(target);
    const busy = rounds.busyTargets();
    for (const target of waiting) if (!busy.includes(target)) waiting.delete(target);
  }
}

/** How many launches of the story were contended, as it was a second ago at most. */
function contendedSoFar({ world: { record } }: StoryContext): () => number {
  let [count, countedMs] = [0, 0];
  return () => {
    const nowMs = performance.now();
    if (nowMs - countedMs < COUNT_EVERY_MS) return count;
    [count, countedMs] = [contendedLaunches(record.changes).size, nowMs];
    return count;
  };
}

function targetsFor(launches: number): number {
  return Math.min(TARGETS.most, Math.max(TARGETS.least, Math.ceil(launches / TOGETHER / TARGETS.roundsEach)));
}
