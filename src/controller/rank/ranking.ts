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
  /** What each place further back costs. Milliseconds. */
  readonly stepMs: number;
}

/** A ranking that can be let go of. */
export interface LiveRanking extends Ranking {
  close(): void;
}

/** Ranks this replica among those whose membership is alive. */
export function createRanking({ identity, leases, clock, stepMs }: RankingDeps): LiveRanking {
  const listeners = new Set<() => void>();
  const members = new Members({ clock, changed: () => listeners.forEach((listener) => listener()) });
  const unsubscribe = leases.subscribe((event) => members.observe(event));
  return {
    delayMs: (target) => stepMs * rankOf(identity, members.list(), target),
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
