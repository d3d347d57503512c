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

export interface ReaperDeps {
  readonly client: Pick<LeaseClient, "delete">;
  /** Our Leases, by a watch on their label. A `cache.CacheReader<Lease>` is one. */
  readonly leases: { list(): readonly Lease[]; readonly synced: boolean };
  /** Whether a claim has served: its holder and what was done under it have ended. Asked after the Lease was read; live where it matters. */
  readonly isOver: (holder: ClaimHolder, target: LockTarget) => Promise<boolean>;
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

/**
 * A reaper of claims. State decides, never age: a claim goes when `isOver` says so, by the uid and resourceVersion of the
 * very snapshot that was judged. A process-held Lease goes when nobody renewed it
 * for its own duration, watched by us, and one that nobody holds goes at once.
 */
export function createReaper(deps: ReaperDeps): Reaper {
  return new LeaseReaper(deps);
}

class LeaseReaper implements Reaper {
  readonly #deps: ReaperDeps;
  readonly #observations = new Observations();
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
    for (const lease of leases.list()) if (await this.#look(lease)) reaped++;
    return reaped;
  }

  async #look(lease: Lease): Promise<boolean> {
    const { client, metrics, log } = this.#deps;
    const name = lease.metadata.name;
    try {
      const form = await this.#whatToReap(lease);
      if (!form) return false;
      await exactDelete(client, lease);
      metrics.record({ kind: "reaped", form });
      log.info("lease reaped", { lease: name, key: keyOfLease(lease), holder: lease.spec?.holderIdentity });
      return true;
    } catch (error) {
      // Moved on since the snapshot: then it was judged for something that it is not any more.
      if (!isNotThatObject(error, "delete")) log.warn("lease not reaped, looked at again later", { err: error, lease: name });
      return false;
    }
  }

  async #whatToReap(lease: Lease): Promise<LockForm | undefined> {
    if (lease.metadata.deletionTimestamp) return undefined;
    const claim = parseClaim(lease);
    if (claim) return (await this.#deps.isOver(claim.holder, claim.target)) ? "claim" : undefined;
    const key = keyOfLease(lease);
    if (key === undefined) return undefined;
    const unchangedForMs = this.#observations.unchangedForMs(lease, this.#deps.clock.monotonic());
    const { kind } = judge(lease, { key, identity: "" }, unchangedForMs);
    return kind === "expired" || kind === "vacant" ? "process" : undefined;
  }

  async #rung(signal: AbortSignal): Promise<void> {
    const { clock, random, intervalMs = INTERVAL_MS } = this.#deps;
    using scope = abortScope(signal);
    const interval = clock.sleep(jittered(intervalMs, JITTER, random), { signal: scope.signal }).catch(() => undefined);
    await Promise.race([this.#bell.promise, interval]);
    scope.abort();
  }
}
