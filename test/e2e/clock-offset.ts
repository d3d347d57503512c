import type { Lease } from "../../src/api/lease.ts";

/** A renewal is seen a moment after its time was taken; clocks are moved by whole minutes. */
const TOLERANCE_MS = 20_000;

/** How far the clock of each holder was from ours when it last renewed, in milliseconds, if that was at `nowMs`: what it wrote as renewTime against our time. Pure. */
export function clockOffsets(memberships: readonly Lease[], nowMs: number): ReadonlyMap<string, number> {
  const offsets = new Map<string, number>();
  for (const { spec } of memberships) if (spec?.holderIdentity && spec.renewTime) offsets.set(spec.holderIdentity, Date.parse(spec.renewTime) - nowMs);
  return offsets;
}

/** Whether a clock that is `offsetMs` away from ours is where one goes that is moved by so many minutes. Pure. */
export function isMovedBy(minutes: number, offsetMs: number | undefined): boolean {
  return offsetMs !== undefined && Math.abs(offsetMs - minutes * 60_000) <= TOLERANCE_MS;
}
