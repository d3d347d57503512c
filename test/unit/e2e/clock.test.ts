import assert from "node:assert/strict";
import { it } from "node:test";
import { microTime, type Lease } from "../../../src/api/lease.ts";
import { clockOffsets, isMovedBy } from "../../e2e/clock-offset.ts";
import { libfaketime } from "../../e2e/faults/clock.ts";

it("clocks that can not be moved are a failure that says what to install, never a skip", () => {
  assert.throws(() => libfaketime(() => false), /apt-get install faketime/);
  assert.match(libfaketime(() => true), /libfaketime/);
});

it("a replica's clock is where its own renewals say", () => {
  const nowMs = Date.parse("2026-01-01T12:00:00Z");
  const membership = (holderIdentity: string, renewedMs: number): Lease => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: holderIdentity, uid: holderIdentity, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" }, spec: { holderIdentity, renewTime: microTime(renewedMs) } });
  const offsets = clockOffsets([membership("ahead", nowMs + 90 * 60_000 - 1500), membership("here", nowMs - 1500)], nowMs);
  assert.deepEqual([...offsets], [["ahead", 90 * 60_000 - 1500], ["here", -1500]]);
  assert.deepEqual([isMovedBy(90, offsets.get("ahead")), isMovedBy(0, offsets.get("here")), isMovedBy(90, offsets.get("here")), isMovedBy(0, offsets.get("nobody"))], [true, true, false, false]);
});
