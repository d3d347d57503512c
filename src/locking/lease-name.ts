import { createHash } from "node:crypto";
import { lockKey } from "../api/target.ts";
import type { LockTarget } from "./ports.ts";

/** Prefix of the Leases that lock remediation targets; kubernaut's orchestrator uses the same. */
export const LEASE_PREFIX = "ro-lock-";

const HASH_DIGITS = 16;

/** Name of the Lease for a key: the prefix and the first 16 hex digits of the key's SHA-256, as kubernaut names it. Distinct keys may share a name. */
export function leaseName(key: string, prefix = LEASE_PREFIX): string {
  return prefix + createHash("sha256").update(key).digest("hex").slice(0, HASH_DIGITS);
}

/** Key of a target. TypeError when the resource is empty or holds a `|`: it could then be mistaken for one in another cluster. */
export function keyOfTarget(target: LockTarget): string {
  if (target.resource === "" || target.resource.includes("|")) throw new TypeError(`no target to lock: ${JSON.stringify(target.resource)}`);
  return lockKey(target.clusterID, target.resource);
}

/** The inverse of `keyOfTarget`. */
export function targetOfKey(key: string): LockTarget {
  const bar = key.lastIndexOf("|");
  return bar < 0 ? { resource: key } : { clusterID: key.slice(0, bar), resource: key.slice(bar + 1) };
}
