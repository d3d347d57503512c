import type { CallOptions, Reader, Writer } from "../kube/ports.ts";

/** What locks need of an API server: a live read by name and three writes, each sent exactly once (see `kube/ports.ts` for what they promise). */
export type LeaseClient = Pick<Reader, "get"> & Pick<Writer, "create" | "replace" | "delete">;

/** What a lock is for: a resource in a cluster. The casing of Kind is kept. */
export interface LockTarget {
  /** Empty or absent: this cluster. */
  readonly clusterID?: string;
  /** `namespace/Kind/name`, cluster-scoped `Kind/name`. */
  readonly resource: string;
}

/** The object in whose name a claim is held. */
export interface ClaimHolder {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
}

/**
 * A claim that is held. Disposing gives it back unless it was kept or adopted, never throws, and may be done twice. One that was
 * adopted stays: whoever took it first for the same holder may have done what it protects. The reaper looks whether it is over.
 */
export interface Claim extends AsyncDisposable {
  readonly target: LockTarget;
  readonly holder: ClaimHolder;
  /** resourceVersion of the Lease at acquisition: a fence that only grows, across deletion and re-creation. */
  readonly fence: string;
  /** Something now exists that the claim protects: it outlives this handle and goes through `release` when that thing has ended. */
  keep(): void;
}

/**
 * Answer to a request for a claim. `claimed`: another object holds it (ask what became of that one). `contended`: not to be
 * had right now, look again in `retryAfterMs`. `foreign`: the Lease is about another target (hash collision) or unreadable.
 */
export type ClaimAnswer =
  | { readonly kind: "held"; readonly claim: Claim; readonly how: "created" | "adopted" | "taken-over" }
  | { readonly kind: "claimed"; readonly by: ClaimHolder }
  | { readonly kind: "contended"; readonly by: string; readonly retryAfterMs: number }
  | { readonly kind: "foreign"; readonly by: string };

/**
 * Claims on targets, one Lease each, held by an object and not by a process. They give speed and order; they are no proof
 * of exclusivity: fence what you do under one.
 */
export interface Claims {
  /** One write when the target is free. Throws KubeError when the API server refuses or its answer stays unknown: do not go on then. */
  acquire(target: LockTarget, holder: ClaimHolder, options?: CallOptions): Promise<ClaimAnswer>;
  /** What stands in the way of `acquire` right now, read live; nothing is written. `free` is no promise: somebody may be quicker. */
  look(target: LockTarget, holder: ClaimHolder, options?: CallOptions): Promise<"free" | "mine" | "taken" | "foreign">;
  /** Deletes the holder's claim if it still is the holder's; by the uid and resourceVersion that it was seen with. `absent` when it was not there, not ours, or has been adopted since: then the reaper looks at it. */
  release(target: LockTarget, holder: ClaimHolder, options?: CallOptions): Promise<"released" | "absent">;
}

/**
 * A lock that this process holds by renewing a Lease. It can be lost at any moment: `signal` aborts when it can no longer
 * be vouched for. Disposing gives it back, never throws, and may be done twice.
 */
export interface ProcessLock extends AsyncDisposable {
  readonly key: string;
  /** resourceVersion of the Lease at acquisition: it only grows, across deletion and re-creation. Hand it on with every write. */
  readonly fence: string;
  /** Aborts with a LockLostError when the lock is lost or given back. */
  readonly signal: AbortSignal;
  /** Throws LockLostError unless the lock can be vouched for right now. To be called right before each guarded write: a blocked event loop fires no timer, and so no signal. */
  assertHeld(): void;
}

/** `try` answers at once; `waitMs` keeps trying for that long. Nothing is promised about the order of those who wait. */
export interface ProcessLockMode {
  readonly mode: "try" | { readonly waitMs: number };
}

/** Answer to a request for a process-held lock, as far as it goes like the one to a ClaimAnswer. */
export type ProcessLockAnswer =
  | { readonly kind: "held"; readonly lock: ProcessLock; readonly how: "created" | "adopted" | "taken-over" }
  | { readonly kind: "contended"; readonly by: string; readonly retryAfterMs: number }
  | { readonly kind: "foreign"; readonly by: string };

/** Locks that a process holds and renews; no proof of exclusivity: fence what you do under one. */
export interface ProcessLocks {
  /** Throws KubeError when the API server refuses or its answer stays unknown, the signal's reason when that aborts. */
  acquire(key: string, how: ProcessLockMode, options?: { readonly signal?: AbortSignal }): Promise<ProcessLockAnswer>;
}
