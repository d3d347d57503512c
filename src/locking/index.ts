/**
 * Locks on Kubernetes Leases. **They are an optimisation, not a proof**: any lock with an expiry can be lost while its
 * holder still has a write in flight, and a claim can be deleted by hand. They give speed and order; two holders at once
 * must be harmless. So fence every write that matters: send the lock's `fence` along (it only grows) and let the store
 * refuse a smaller one, or write by compare-and-swap on the object itself; and ask `assertHeld()` right before it.
 *
 * `createProcessLocks` gives locks that a process holds and renews. `createClaims` gives claims that an object holds, so
 * that any replica can go on under them, and `createReaper` removes those that nobody gave back.
 */
export { systemClock, type Clock } from "../lib/clock.ts";
export { jsonLogger, silentLogger, type Logger } from "../lib/log.ts";
export { isKubeError, KubeError, type KubeErrorReason } from "../kube/kube-error.ts";
export { createClaims, CONTENTION_RETRY_MS, type ClaimsDeps, type KnownLeases } from "./claims.ts";
export { claimedKey, listClaims, parseClaim, type ClaimRecord } from "./claim-lease.ts";
export { claimIdentity, parseClaimIdentity } from "./holder-identity.ts";
export { KEY_ANNOTATION, LOCK_LABEL, REPLICA_ANNOTATION } from "./lease-marks.ts";
export { keyOfTarget, leaseName, LEASE_PREFIX, targetOfKey } from "./lease-name.ts";
export { LockLostError, type LossReason } from "./lock-lost-error.ts";
export { noLockMetrics, type LockEvent, type LockMetrics } from "./metrics.ts";
export type { Claim, ClaimAnswer, ClaimHolder, Claims, LeaseClient, LockTarget, ProcessLock, ProcessLockAnswer, ProcessLockMode, ProcessLocks } from "./ports.ts";
export { createProcessLocks, type ProcessLocksDeps } from "./process-locks.ts";
export { createReaper, type ClaimState, type Reaper, type ReaperDeps } from "./reaper.ts";
export { judge, type Asker, type Verdict } from "./verdict.ts";
