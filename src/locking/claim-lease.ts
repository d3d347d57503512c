import { apiVersionOf } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import { microTime, type Lease } from "../api/lease.ts";
import type { ObjectKey } from "../api/object.ts";
import { parseClaimIdentity } from "./holder-identity.ts";
import { KEY_ANNOTATION, keyOfLease, LOCK_LABEL, REPLICA_ANNOTATION } from "./lease-marks.ts";
import { targetOfKey } from "./lease-name.ts";
import type { ClaimHolder, LockTarget } from "./ports.ts";
import type { LeaseForm } from "./take-lease.ts";

/** What a claim's Lease says. */
export interface ClaimFacts {
  readonly at: ObjectKey;
  readonly key: string;
  readonly identity: string;
  readonly replica: string;
  nowMs(): number;
}

/**
 * A claim as a Lease: no renewTime and no duration, so that nothing about it expires. Each adoption counts as a
 * transition: it moves the version, and whoever had the claim before can no longer delete it from under us.
 */
export function claimForm(facts: ClaimFacts): LeaseForm {
  const { at, identity } = facts;
  const labels = { [LOCK_LABEL]: "claim" };
  const annotations = { [KEY_ANNOTATION]: facts.key, [REPLICA_ANNOTATION]: facts.replica };
  const acquireTime = (): string => microTime(facts.nowMs());
  return {
    heldBy: "claim",
    at,
    draft: () => ({
      apiVersion: apiVersionOf(kinds.Lease),
      kind: "Lease",
      metadata: { ...at, labels, annotations },
      spec: { holderIdentity: identity, acquireTime: acquireTime(), leaseTransitions: 0 },
    }),
    onto(lease) {
      const { renewTime: _renewTime, leaseDurationSeconds: _duration, ...spec } = lease.spec ?? {};
      const since = spec.holderIdentity === identity && spec.acquireTime !== undefined ? spec.acquireTime : acquireTime();
      return {
        ...lease,
        metadata: { ...lease.metadata, labels: { ...lease.metadata.labels, ...labels }, annotations: { ...lease.metadata.annotations, ...annotations } },
        spec: { ...spec, holderIdentity: identity, acquireTime: since, leaseTransitions: (spec.leaseTransitions ?? 0) + 1 },
      };
    },
  };
}

/** A Lease read as a claim. `fence` is its resourceVersion. */
export interface ClaimRecord {
  readonly target: LockTarget;
  readonly holder: ClaimHolder;
  readonly fence: string;
}

/** The claim that a Lease is; undefined when it is none of ours or is held by a process. */
export function parseClaim(lease: Lease): ClaimRecord | undefined {
  const key = keyOfLease(lease);
  const holder = parseClaimIdentity(lease.spec?.holderIdentity ?? "");
  if (key === undefined || !holder) return undefined;
  return { target: targetOfKey(key), holder, fence: lease.metadata.resourceVersion };
}

/** Index function for a cache of Leases: files each claim under its `keyOfTarget`. */
export function claimedKey(lease: Lease): readonly string[] {
  const key = keyOfLease(lease);
  return key !== undefined && parseClaim(lease) ? [key] : [];
}

/** The claims among a cache's Leases. */
export function listClaims(leases: { list(): readonly Lease[] }): readonly ClaimRecord[] {
  return leases.list().flatMap((lease) => parseClaim(lease) ?? []);
}
