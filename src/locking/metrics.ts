import type { KubeErrorReason } from "../kube/kube-error.ts";

/** How a Lease came into a holder's hands. */
export type Acquired = "created" | "adopted" | "taken-over";

/** Claims are held by objects, process locks by a process. */
export type LockForm = "claim" | "process";

/** What happened to a lock, for whoever counts. */
export type LockEvent =
  | { readonly kind: "acquired"; readonly form: LockForm; readonly how: Acquired; readonly tookMs: number }
  | { readonly kind: "refused"; readonly form: LockForm; readonly why: "claimed" | "contended" | "foreign" }
  /** The API server refused or did not answer: `ro_lock_acquisition_failures_total`. */
  | { readonly kind: "acquisition-failed"; readonly form: LockForm; readonly reason: KubeErrorReason | "Other" }
  /** Given back after `heldMs` in the same hands, adoptions by other replicas included. */
  | { readonly kind: "released"; readonly form: LockForm; readonly heldMs: number }
  /** The Lease may still be there; the reaper looks at it again. */
  | { readonly kind: "release-failed"; readonly form: LockForm }
  /** A process could no longer vouch for its lock. */
  | { readonly kind: "lost"; readonly form: "process" }
  | { readonly kind: "reaped"; readonly form: LockForm };

/** Where the locks report to. Must not throw. */
export interface LockMetrics {
  record(event: LockEvent): void;
}

/** Counts nothing. */
export const noLockMetrics: LockMetrics = { record: () => undefined };
