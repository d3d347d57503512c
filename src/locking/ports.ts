import type { CallOptions } from "../kube/ports.ts";

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

/** A claim that is held. Disposing gives it back unless it was kept, never throws, and may be done twice. */
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
  /** Deletes the holder's claim if it still is the holder's; live, by uid and resourceVersion. `absent` when it was not there or not ours. */
  release(target: LockTarget, holder: ClaimHolder, options?: CallOptions): Promise<"released" | "absent">;
}
