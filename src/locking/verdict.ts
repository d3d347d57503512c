import type { Lease } from "../api/lease.ts";
import { parseClaimIdentity } from "./holder-identity.ts";
import { keyOfLease } from "./lease-marks.ts";
import type { ClaimHolder } from "./ports.ts";

/** For whom a Lease is judged: what the lock is about, and the holderIdentity that counts as one's own. */
export interface Asker {
  readonly key: string;
  readonly identity: string;
}

/**
 * What a Lease means to the one who asks. `vacant`: nobody holds it, it may be taken over. `leaving`: in deletion, its name
 * is still occupied. `claimed` never expires. `held` and `expired` are process-held. `foreign`: about another key, or
 * held in a way that we can not read.
 */
export type Verdict =
  | { readonly kind: "mine" }
  | { readonly kind: "vacant" }
  | { readonly kind: "leaving"; readonly by: string }
  | { readonly kind: "claimed"; readonly by: ClaimHolder }
  | { readonly kind: "held"; readonly by: string; readonly expiresInMs: number }
  | { readonly kind: "expired"; readonly by: string }
  | { readonly kind: "foreign"; readonly by: string };

/**
 * The one judgement of a Lease, for claims and process-held locks alike. `unchangedForMs` is how long *we* have watched it
 * stay as it is, on our monotonic clock: the times in it come from another clock and are never compared with ours, so
 * skew can not make us take over early. The price: a dead holder's Lease is waited for from our first look at it.
 */
export function judge(lease: Lease, asker: Asker, unchangedForMs: number): Verdict {
  const by = lease.spec?.holderIdentity ?? "";
  const key = keyOfLease(lease);
  if (key !== undefined && key !== asker.key) return { kind: "foreign", by: `${by || "nobody"} on ${key}` };
  if (lease.metadata.deletionTimestamp) return { kind: "leaving", by };
  if (by === "") return { kind: "vacant" };
  if (by === asker.identity) return { kind: "mine" };
  const claim = parseClaimIdentity(by);
  if (claim) return { kind: "claimed", by: claim };
  const durationMs = durationOf(lease);
  if (durationMs === undefined) return { kind: "foreign", by };
  const expiresInMs = durationMs - unchangedForMs;
  return expiresInMs > 0 ? { kind: "held", by, expiresInMs } : { kind: "expired", by };
}

/** The span after which a process-held Lease may be taken; undefined when it states none that makes sense. */
export function durationOf(lease: Lease): number | undefined {
  const seconds = lease.spec?.leaseDurationSeconds;
  return seconds !== undefined && Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : undefined;
}
