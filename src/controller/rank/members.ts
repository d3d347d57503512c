import type { Lease } from "../../api/lease.ts";
import type { CacheEvent } from "../../cache/ports.ts";
import type { Clock, Timer } from "../../lib/clock.ts";

export interface MembersDeps {
  readonly clock: Clock;
  /** Told when a member has come or gone. */
  readonly changed: () => void;
}

interface Seen {
  readonly sign: string;
  readonly timer: Timer;
}

/** A Lease that says it counts for longer than this is not believed: nobody is there for a day because he once said so. */
const MOST_BELIEVED_SECONDS = 15;

/**
 * Who is there: the holders of the membership Leases that moved within their own duration, counted on our monotonic clock
 * from when we saw them move. Their clocks are never compared with ours. That somebody is there does not mean that he acts.
 */
export class Members {
  readonly #deps: MembersDeps;
  readonly #seen = new Map<string, Seen>();

  constructor(deps: MembersDeps) {
    this.#deps = deps;
  }

  /** In no particular order. */
  list(): readonly string[] {
    return [...this.#seen.keys()];
  }

  /** Takes in what the cache of membership Leases tells. */
  observe({ type, object }: CacheEvent<Lease>): void {
    const member = object.spec?.holderIdentity;
    if (!member) return;
    if (type === "DELETED") return this.#gone(member);
    const sign = `${object.metadata.uid} ${object.spec?.renewTime ?? ""}`;
    const before = this.#seen.get(member);
    if (before?.sign === sign) return;
    before?.timer.cancel();
    const seconds = Math.min(object.spec?.leaseDurationSeconds ?? 0, MOST_BELIEVED_SECONDS);
    const timer = this.#deps.clock.timer(seconds * 1000, () => this.#gone(member));
    this.#seen.set(member, { sign, timer });
    if (!before) this.#deps.changed();
  }

  /** Forgets everybody; no timer is left. */
  close(): void {
    for (const { timer } of this.#seen.values()) timer.cancel();
    this.#seen.clear();
  }

  #gone(member: string): void {
    this.#seen.get(member)?.timer.cancel();
    if (this.#seen.delete(member)) this.#deps.changed();
  }
}
