import type { Lease } from "../api/lease.ts";
import { epochMsOf } from "../api/timestamp.ts";

/** Milliseconds from a Lease's acquisition to `nowMs`; another replica's clock may have written the former, so never less than 0. */
export function heldMs(lease: Lease, nowMs: number): number {
  return Math.max(0, nowMs - (epochMsOf(lease.spec?.acquireTime) ?? nowMs));
}
