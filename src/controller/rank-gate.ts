import type { Clock, Timer } from "../lib/clock.ts";
import type { Ranking } from "./ports.ts";

export interface RankGateDeps {
  readonly ranking: Ranking;
  readonly clock: Clock;
  /** The target by which a key is ranked. */
  readonly targetOf: (key: string) => string;
  /** What changes when anything about a key moves; read from caches. */
  readonly versionOf: (key: string) => string;
  /** Lets a key through. */
  readonly pass: (key: string) => void;
}

/** Holds keys back for whoever is nearer to their target. */
export interface RankGate {
  /** True: act now. False: the key is parked and comes back through `pass`, however much moves, once the ranking's limit is over. */
  admit(key: string): boolean;
  /** Lets go of every parked key. */
  close(): void;
}

/** How a key waits. Moments of the monotonic clock. */
interface Wait {
  /** When it was parked first: kept until it is let through. */
  readonly sinceMs: number;
  /** What it looked like when it moved last, and when that was seen here. */
  readonly version: string;
  readonly movedMs: number;
  readonly dueMs: number;
}

interface Parked extends Wait {
  readonly timer: Timer;
  /** The timer has fired: clocks need not agree with their timers to the last digit. */
  isUp: boolean;
}

/**
 * Rank 0 acts at once. Rank k parks a key together with its version for its delay, and acts only if nothing moved
 * meanwhile; a key that did move waits anew, from then on by its rank of then, but never longer than the ranking's limit
 * altogether: who keeps a key moving, or the ranks changing, can not keep others from acting. No key is lost: each parked
 * one has a timer, and a change of ranks brings all of them back at once.
 */
export function createRankGate({ ranking, clock, targetOf, versionOf, pass }: RankGateDeps): RankGate {
  const parked = new Map<string, Parked>();

  const timerFor = (key: string, delayMs: number): Timer =>
    clock.timer(delayMs, () => {
      const up = parked.get(key);
      if (up) up.isUp = true;
      pass(key);
    });

  const unsubscribe = ranking.subscribe(() => {
    for (const key of parked.keys()) pass(key);
  });

  return {
    admit(key) {
      const delayMs = ranking.delayMs(targetOf(key));
      const before = parked.get(key);
      const nowMs = clock.monotonic();
      const wait = waitOf(before, { version: versionOf(key), delayMs, limitMs: ranking.limitMs, nowMs });
      const isOver = delayMs <= 0 || wait.dueMs <= nowMs || (before?.isUp && before.version === wait.version);
      const keepsTimer = !isOver && before?.dueMs === wait.dueMs && !before.isUp;
      if (!keepsTimer) before?.timer.cancel();
      if (isOver) {
        parked.delete(key);
        return true;
      }
      parked.set(key, { ...wait, isUp: false, timer: keepsTimer ? before.timer : timerFor(key, wait.dueMs - nowMs) });
      return false;
    },
    close() {
      unsubscribe();
      for (const { timer } of parked.values()) timer.cancel();
      parked.clear();
    },
  };
}

/** How a key goes on waiting that is seen now: by its rank since it moved last, by the limit since it was parked first. */
function waitOf(before: Wait | undefined, now: { readonly version: string; readonly delayMs: number; readonly limitMs: number; readonly nowMs: number }): Wait {
  const { version, delayMs, limitMs, nowMs } = now;
  const sinceMs = before?.sinceMs ?? nowMs;
  const movedMs = before?.version === version ? before.movedMs : nowMs;
  return { sinceMs, version, movedMs, dueMs: Math.min(movedMs + delayMs, sinceMs + limitMs) };
}
