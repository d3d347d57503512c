import type { Lease } from "../api/lease.ts";

interface Seen {
  readonly sign: string;
  readonly sinceMs: number;
}

const CAPACITY = 4096;

/**
 * How long this process has watched each process-held Lease stay as it is. Kept by uid, the oldest entry goes first when
 * it is full: that Lease is then watched anew, which only makes us wait longer.
 */
export class Observations {
  // Insertion order is age of the last entry: the first key is the one to drop.
  readonly #seen = new Map<string, Seen>();
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /**
   * Milliseconds since the Lease was first seen as it is now; 0 on first sight. `nowMs` is monotonic and taken after the
   * answer came: whatever the holder renewed, it had sent before, so its own deadline is never later than our count.
   */
  unchangedForMs(lease: Lease, nowMs: number): number {
    const { uid } = lease.metadata;
    const sign = signOf(lease);
    const seen = this.#seen.get(uid);
    if (seen?.sign === sign) return Math.max(0, nowMs - seen.sinceMs);
    this.#remember(uid, { sign, sinceMs: nowMs });
    return 0;
  }

  /** Leases remembered. */
  get size(): number {
    return this.#seen.size;
  }

  #remember(uid: string, seen: Seen): void {
    this.#seen.delete(uid);
    this.#seen.set(uid, seen);
    const [oldest] = this.#seen.keys();
    if (this.#seen.size > this.#capacity && oldest !== undefined) this.#seen.delete(oldest);
  }
}

/** What a living holder changes: a touch by somebody else (a label, say) is no sign of life. */
function signOf({ spec = {} }: Lease): string {
  return JSON.stringify([spec.holderIdentity, spec.acquireTime, spec.renewTime, spec.leaseDurationSeconds, spec.leaseTransitions]);
}
