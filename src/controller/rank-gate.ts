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
  /** True: act now. False: the key is parked and comes back through `pass` unless it moves, and then later. */
  admit(key: string): boolean;
  /** Lets go of every parked key. */
  close(): void;
}

interface Parked {
  readonly version: string;
  readonly timer: Timer;
}

/**
 * Rank 0 acts at once. Rank k parks a key together with its version for its delay, and acts only if nothing moved
 * meanwhile; a key that did move is parked anew. No key is lost: each parked one has a timer, and a change of ranks
 * brings all of them back at once.
 */
export function createRankGate(deps: RankGateDeps): RankGate {
  const parked = new Map<string, Parked>();
  // Keys whose wait is over without a movement: the next admission lets them through.
  const waited = new Map<string, string>();

  const park = (key: string, delayMs: number): void => {
    const version = deps.versionOf(key);
    const before = parked.get(key);
    if (before?.version === version) return;
    before?.timer.cancel();
    const timer = deps.clock.timer(delayMs, () => {
      parked.delete(key);
      waited.set(key, version);
      deps.pass(key);
    });
    parked.set(key, { version, timer });
  };

  const unsubscribe = deps.ranking.subscribe(() => {
    for (const key of parked.keys()) deps.pass(key);
  });

  return {
    admit(key) {
      const delayMs = deps.ranking.delayMs(deps.targetOf(key));
      const version = waited.get(key);
      waited.delete(key);
      if (delayMs <= 0 || (version !== undefined && version === deps.versionOf(key))) {
        parked.get(key)?.timer.cancel();
        parked.delete(key);
        return true;
      }
      park(key, delayMs);
      return false;
    },
    close() {
      unsubscribe();
      for (const { timer } of parked.values()) timer.cancel();
      parked.clear();
      waited.clear();
    },
  };
}
