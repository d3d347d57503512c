import type { Lease } from "../api/lease.ts";

/** Label on every Lease of ours: `claim` or `process`. What a watch of our Leases selects by. */
export const LOCK_LABEL = "kubernaut.ai/lock";

/** Annotation with the full key that the Lease's name is the hash of. */
export const KEY_ANNOTATION = "kubernaut.ai/lock-key";

/** Annotation with the identity of the replica that last took the Lease. For people: nothing is decided by it. */
export const REPLICA_ANNOTATION = "kubernaut.ai/lock-replica";

/** The key that a Lease says it is about; undefined on Leases of other programs. */
export function keyOfLease(lease: Lease): string | undefined {
  return lease.metadata.annotations?.[KEY_ANNOTATION];
}
