import type { Lease } from "../api/lease.ts";
import { abortScope } from "../lib/abort-scope.ts";
import { jittered } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import { deferred } from "../lib/deferred.ts";
import type { Logger } from "../lib/log.ts";
import { isNotThatObject } from "../kube/kube-error.ts";
import { parseClaim } from "./claim-lease.ts";
import { exactDelete } from "./give-back.ts";
import { keyOfLease } from "./lease-marks.ts";
import type { LockForm, LockMetrics } from "./metrics.ts";
import { Observations } from "./observations.ts";
import type { ClaimHolder, LeaseClient, LockTarget } from "./ports.ts";
import { judge } from "./verdict.ts";

/**
 * How a claim stands. `needed`: its holder, or something that was made under it, is at work. `over`: what was made under it has
 * ended. `idle`: nobody needs it, and nothing is there that was made under it; somebody with an older view of the holder
 * may be about to.
 */
export type ClaimState = "needed" | "idle" | "over";

export interface ReaperDeps {
  readonly client: Pick<LeaseClient, "delete">;
  /** Our Leases, by a watch on their label. A `cache.CacheReader<Lease>` is one. */
  readonly leases: { list(): readonly Lease[]; readonly synced: boolean };
  /** How a claim stands. Asked after the Lease was read; live where it matters. */
  readonly stateOf: (holder: ClaimHolder, target: LockTarget) => Promise<ClaimState>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly metrics: LockMetrics;
  readonly log: Logger;
  /** Time between two looks when nobody wakes it; 60 000 unless given, spread by a tenth. */
  readonly intervalMs?: number;
}

/** Deletes Leases that nobody gave back. */
export interface Reaper {
  /** Looks at each Lease once; how many were deleted. A Lease that can not be judged now is left for the next look. */
  sweep(): Promise<number>;
  /** Asks for a look soon. Cheap: any number of calls before it come to one look. */
  wake(): void;
  /** Looks when woken and at intervals, until the signal aborts. */
  run(options: { readonly signal: AbortSignal }): Promise<void>;
}

const INTERVAL_MS = 60_000;
const JITTER = 0.1;
/** A claim that is idle has to stay so, untouched, for this long: longer than it takes to make what somebody is about to make. */
const IDLE_MS = 500;

/**
 * A reaper of claims. State decides, never age: a claim goes when it is over, or idle at two looks half a second apart, by the uid and
 * resourceVersion of the very snapshot that was judged. A process-held Lease goes when nobody renewed it
 * for its own duration, watched by us, and one that nobody holds goes at once.
 */
export function createReaper(deps: ReaperDeps): Reaper {
  return new LeaseReaper(deps);
}

class LeaseReaper implements Reaper {
  readonly #deps: ReaperDeps;
  readonly #observations = new Observations();
  /** Claims that were idle at the last look, by uid and version, and since when. */
  #idle = new Map<string, number>();
  #bell = deferred();

  constructor(deps: ReaperDeps) {
    this.#deps = deps;
  }

  wake(): void {
    this.#bell.resolve();
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    while (!signal.aborted) {
      this.#bell = deferred();
      await this.sweep();
      await this.#rung(signal);
    }
  }

  async sweep(): Promise<number> {
    const { leases } = this.#deps;
    let reaped = 0;
    if (!leases.synced) return reaped;
    const idleBefore = this.#idle;
    this.#idle = new Map();
    for (const lease of leases.list()) if (await this.#look(lease, idleBefore)) reaped++;
    return reaped;
  }

  async #look(lease: Lease, idleBefore: ReadonlyMap<string, number>): Promise<boolean> {
    const { client, metrics, log } = this.#deps;
    const name = lease.metadata.name;
    try {
      const form = await this.#whatToReap(lease, idleBefore);
      if (!form) return false;
      await exactDelete(client, lease);
      metrics.record({ kind: "reaped", form });
      log.info("lease reaped", { lease: name, key: keyOfLease(lease), holder: lease.spec?.holderIdentity });
      return true;
    } catch (error) {
      // Moved on since the snapshot: then it was judged for something that it is not any more.
      if (!isNotThatObject(error)) log.warn("lease not reaped, looked at again later", { err: error, lease: name });
      return false;
    }
  }

  async #whatToReap(lease: Lease, idleBefore: ReadonlyMap<string, number>): Promise<LockForm | undefined> {
    if (lease.metadata.deletionTimestamp) return undefined;
    const claim = parseClaim(lease);
    if (claim) {
      const state = await this.#deps.stateOf(claim.holder, claim.target);
      return state === "over" || (state === "idle" && this.#stayedIdle(lease, idleBefore)) ? "claim" : undefined;
    }
    const key = keyOfLease(lease);
    if (key === undefined) return undefined;
    const unchangedForMs = this.#observations.unchangedForMs(lease, this.#deps.clock.monotonic());
    const { kind } = judge(lease, { key, identity: "" }, unchangedForMs);
    return kind === "expired" || kind === "vacant" ? "process" : undefined;
  }

  /** Whether it has been idle for long enough. It is not waited for again before the next look: what is deleted now may still be in the local copy then. */
  #stayedIdle({ metadata: { uid, resourceVersion } }: Lease, idleBefore: ReadonlyMap<string, number>): boolean {
    const version = `${uid} ${resourceVersion}`;
    const nowMs = this.#deps.clock.monotonic();
    const sinceMs = idleBefore.get(version) ?? nowMs;
    if (nowMs - sinceMs >= IDLE_MS) return true;
    this.#idle.set(version, sinceMs);
    return false;
  }

  /** Woken, or the time between two looks is over; sooner where a claim has been idle for long enough then. */
  async #rung(signal: AbortSignal): Promise<void> {
    const { clock, random, intervalMs = INTERVAL_MS } = this.#deps;
    using scope = abortScope(signal);
    const nowMs = clock.monotonic();
    const idleForMs = [...this.#idle.values()].map((sinceMs) => Math.max(0, sinceMs + IDLE_MS - nowMs));
    const interval = clock.sleep(Math.min(jittered(intervalMs, JITTER, random), ...idleForMs), { signal: scope.signal }).catch(() => undefined);
    await Promise.race([this.#bell.promise, interval]);
    scope.abort();
  }
}
