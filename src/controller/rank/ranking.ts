import type { Lease } from "../../api/lease.ts";
import type { Informer } from "../../cache/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Ranking } from "../ports.ts";
import { Members } from "./members.ts";
import { rankOf } from "./rank.ts";

export interface RankingDeps {
  readonly identity: string;
  /** Membership Leases only. */
  readonly leases: Pick<Informer<Lease>, "subscribe">;
  readonly clock: Clock;
  /** What the second place waits. Milliseconds. */
  readonly stepMs: number;
  /** What no place waits longer than, however many members seem to be in front. Milliseconds, more than `stepMs`. */
  readonly limitMs: number;
}

/** A ranking that can be let go of. */
export interface LiveRanking extends Ranking {
  close(): void;
}

/** Ranks this replica among those whose membership is alive. */
export function createRanking({ identity, leases, clock, stepMs, limitMs }: RankingDeps): LiveRanking {
  const listeners = new Set<() => void>();
  const members = new Members({ clock, changed: () => listeners.forEach((listener) => listener()) });
  const unsubscribe = leases.subscribe((event) => members.observe(event));
  return {
    delayMs: (target) => delayOf(rankOf(identity, members.list(), target), stepMs, limitMs),
    limitMs,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    close() {
      unsubscribe();
      members.close();
    },
  };
}

/**
 * What a place in the line waits: each further one costs the same part of what is left to the limit, so the line keeps its
 * order and stays below the limit however long it is. Far back places are milliseconds apart and may act at once: that costs
 * conflicts, as without ranks, and no more.
 */
export function delayOf(rank: number, stepMs: number, limitMs: number): number {
  return Math.round(limitMs - limitMs * (1 - stepMs / limitMs) ** rank);
}
