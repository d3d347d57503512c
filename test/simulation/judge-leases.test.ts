import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease } from "../../src/api/lease.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import type { JsonObject } from "../../src/apiserver/ports.ts";
import { claimLease } from "../support/builders.ts";
import { Fences, takenTooEarly } from "./judge-leases.ts";

const RENEWED = "2026-01-01T00:00:00.000000Z";
const RENEWED_MS = Date.parse(RENEWED);

const heldBy = (holderIdentity: string, leaseDurationSeconds?: number): Lease => ({ ...claimLease("a"), spec: { holderIdentity, renewTime: RENEWED, ...(leaseDurationSeconds === undefined ? {} : { leaseDurationSeconds }) } });
const taken = (from: Lease, to: Lease, afterMs: number) => takenTooEarly({ type: "MODIFIED", object: to as unknown as JsonObject, previous: from as unknown as JsonObject }, RENEWED_MS + afterMs)?.what;
const run = (podUid: string, fence: string, target = "shop/Deployment/checkout", jobUid = podUid): LedgerEntry => ({ podUid, podName: podUid, namespace: "", jobUid, jobName: "", env: { RO_TARGET: target, RO_FENCE: fence }, startedMs: 0, endedMs: undefined, exitCode: undefined });

describe("a Lease that changes its holder", () => {
  it("may when nobody holds it, when its holder has not renewed it for its duration, and when the holder stays the same", () => {
    assert.equal(taken(heldBy(""), claimLease("b"), 0), undefined);
    assert.equal(taken(heldBy("go-replica", 3), claimLease("b"), 3000), undefined);
    assert.equal(taken(claimLease("a"), { ...claimLease("a"), spec: { ...claimLease("a").spec, renewTime: RENEWED } }, 0), undefined);
  });

  it("breaks E before that, and a claim or one without a duration never may (E)", () => {
    assert.match(taken(heldBy("go-replica", 3), claimLease("b"), 2999) ?? "", /while go-replica still held it/);
    assert.match(taken(heldBy("go-replica"), claimLease("b"), 1e9) ?? "", /while go-replica still held it/);
    assert.match(taken(claimLease("a"), claimLease("b"), 1e9) ?? "", /a claim does not expire/);
  });
});

describe("fences of what runs", () => {
  const judged = (ledger: readonly LedgerEntry[], isTouched = false): readonly string[] => {
    const found: string[] = [];
    const fences = new Fences({ broken: ({ what }) => found.push(what), touched: { target: () => isTouched } });
    ledger.forEach((_, at) => fences.onRuns(ledger.slice(0, at + 1)));
    return found;
  };

  it("grow on each target; pods of one Job share theirs", () => {
    const ledger = [run("p1", "10"), run("p2", "7", "shop/Deployment/cart"), run("p3", "11"), run("p3b", "11", undefined, "p3")];
    assert.deepEqual(judged(ledger), []);
    assert.deepEqual(judged([...ledger, run("p4", "11")]), ["p4 runs on shop/Deployment/checkout with fence 11 after one with fence 11"]);
  });

  it("may go back where a claim was lost", () => {
    assert.deepEqual(judged([run("p1", "10"), run("p2", "9")], true), []);
  });

  it("are broken by one that is no number", () => {
    assert.deepEqual(judged([run("p1", "")]), ["p1 runs on shop/Deployment/checkout with fence 0 after one with fence 0"]);
    assert.deepEqual(judged([run("p1", "young")]), ["p1 runs on shop/Deployment/checkout with fence NaN after one with fence 0"]);
  });
});
