import type { Moment } from "./recovery.ts";
import type { Rounds } from "./rounds.ts";

const EVERY_MS = 500;

/** Moments of a story that nothing chose: what a target waits from one of them is what it waits from a fault that costs nothing. */
export interface AnyMoment extends Disposable {
  readonly moments: readonly Moment[];
}

/** Notes twice a second which targets have work to do, until it is disposed of. */
export function anyMoment(rounds: Rounds): AnyMoment {
  const moments: Moment[] = [];
  const timer = setInterval(() => void moments.push(momentOf(rounds)), EVERY_MS);
  return { moments, [Symbol.dispose]: () => clearInterval(timer) };
}

/** This moment. */
export function momentOf(rounds: Rounds): Moment {
  return { atMs: performance.now(), targets: rounds.busyTargets() };
}
