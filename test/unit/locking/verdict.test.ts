import assert from "node:assert/strict";
import { test } from "node:test";
import type { Lease } from "../../../src/api/lease.ts";
import { claimIdentity, judge, KEY_ANNOTATION, parseClaimIdentity, type Verdict } from "../../../src/locking/index.ts";
import { Observations } from "../../../src/locking/observations.ts";

const asker = { key: "shop/Deployment/cart", identity: "rr/ns/rr-a/u-a" };
const year = 365 * 24 * 3_600_000;

function lease(spec: Lease["spec"], metadata: Partial<Lease["metadata"]> = {}): Lease {
  const meta = { name: "l", namespace: "ns", uid: "1", resourceVersion: "7", creationTimestamp: "2026-01-01T00:00:00Z", annotations: { [KEY_ANNOTATION]: asker.key }, ...metadata };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: meta, ...(spec ? { spec } : {}) };
}

const verdicts: readonly (readonly [string, Lease, number, Verdict])[] = [
  ["my claim is mine", lease({ holderIdentity: asker.identity }), year, { kind: "mine" }],
  ["Z19: another one's claim is claimed, at any age", lease({ holderIdentity: "rr/ns/rr-b/u-b" }), year, { kind: "claimed", by: { namespace: "ns", name: "rr-b", uid: "u-b" } }],
  ["Z19: a claim is claimed though somebody gave it a duration", lease({ holderIdentity: "rr/ns/rr-b/u-b", leaseDurationSeconds: 1, renewTime: "2020-01-01T00:00:00.000000Z" }), year, { kind: "claimed", by: { namespace: "ns", name: "rr-b", uid: "u-b" } }],
  ["the same name with another uid is another holder", lease({ holderIdentity: "rr/ns/rr-a/u-old" }), 0, { kind: "claimed", by: { namespace: "ns", name: "rr-a", uid: "u-old" } }],
  ["a process-held Lease is held on first sight, whatever its times say", lease({ holderIdentity: "go-1", leaseDurationSeconds: 30, renewTime: "2001-01-01T00:00:00.000000Z" }), 0, { kind: "held", by: "go-1", expiresInMs: 30_000 }],
  ["a process-held Lease is held until its duration is over", lease({ holderIdentity: "go-1", leaseDurationSeconds: 30 }), 29_999, { kind: "held", by: "go-1", expiresInMs: 1 }],
  ["a process-held Lease has expired when its duration is over", lease({ holderIdentity: "go-1", leaseDurationSeconds: 30 }), 30_000, { kind: "expired", by: "go-1" }],
  ["an empty holder is vacant", lease({ holderIdentity: "", leaseDurationSeconds: 30 }), 0, { kind: "vacant" }],
  ["a Lease without spec is vacant", lease(undefined), 0, { kind: "vacant" }],
  ["a Lease in deletion still occupies its name", lease({ holderIdentity: asker.identity }, { deletionTimestamp: "2026-01-01T00:00:00Z" }), 0, { kind: "leaving", by: asker.identity }],
  ["a holder without duration can not be read", lease({ holderIdentity: "somebody" }), year, { kind: "foreign", by: "somebody" }],
  ["a duration of nothing can not be read", lease({ holderIdentity: "somebody", leaseDurationSeconds: 0 }), year, { kind: "foreign", by: "somebody" }],
  ["a duration that is no number can not be read", lease({ holderIdentity: "somebody", leaseDurationSeconds: Number.NaN }), year, { kind: "foreign", by: "somebody" }],
  ["half a claim can not be read", lease({ holderIdentity: "rr/ns/rr-b" }), year, { kind: "foreign", by: "rr/ns/rr-b" }],
  ["Z20: another key behind the same name is foreign, even in my own name", lease({ holderIdentity: asker.identity }, { annotations: { [KEY_ANNOTATION]: "other" } }), 0, { kind: "foreign", by: "rr/ns/rr-a/u-a on other" }],
  ["Z20: another key that nobody holds is foreign as well", lease(undefined, { annotations: { [KEY_ANNOTATION]: "other" } }), 0, { kind: "foreign", by: "nobody on other" }],
  ["a Lease that names no key is taken to be about mine", lease({ holderIdentity: "go-1", leaseDurationSeconds: 30 }, { annotations: {} }), 30_000, { kind: "expired", by: "go-1" }],
];

for (const [fact, subject, unchangedForMs, expected] of verdicts) {
  void test(fact, () => assert.deepEqual(judge(subject, asker, unchangedForMs), expected));
}

void test("only four parts that are not empty make a claim's identity", () => {
  assert.deepEqual(parseClaimIdentity("rr/ns/rr-b/u-b"), { namespace: "ns", name: "rr-b", uid: "u-b" });
  for (const text of ["", "rr", "rr/ns/rr-b", "rr//rr-b/u", "rr/ns//u", "rr/ns/rr-b/", "rr/ns/rr-b/u/1", "go/ns/rr-b/u"]) assert.equal(parseClaimIdentity(text), undefined, text);
  assert.throws(() => claimIdentity({ namespace: "", name: "rr-b", uid: "u" }), TypeError);
  assert.throws(() => claimIdentity({ namespace: "ns", name: "a/b", uid: "u" }), TypeError);
});

void test("a Lease is watched from the first look, and anew whenever its holder shows a sign of life", () => {
  const seen = new Observations();
  const at = (renewTime: string, resourceVersion = "7"): Lease => lease({ holderIdentity: "go-1", leaseDurationSeconds: 30, renewTime }, { resourceVersion });
  assert.equal(seen.unchangedForMs(at("t1"), 1_000), 0);
  assert.equal(seen.unchangedForMs(at("t1"), 30_000), 29_000);
  assert.equal(seen.unchangedForMs(at("t1", "8"), 30_500), 29_500, "a label that somebody changed is no sign of life");
  assert.equal(seen.unchangedForMs(at("t2"), 31_000), 0);
  assert.equal(seen.unchangedForMs(at("t2"), 32_000), 1_000);
});

void test("the memory of watched Leases stays bounded, and what it forgets is watched anew", () => {
  const seen = new Observations(2);
  const other = (uid: string): Lease => lease({ holderIdentity: "go-1", leaseDurationSeconds: 30 }, { uid });
  for (const uid of ["1", "2", "3"]) seen.unchangedForMs(other(uid), 0);
  assert.equal(seen.size, 2);
  assert.equal(seen.unchangedForMs(other("3"), 50), 50);
  assert.equal(seen.unchangedForMs(other("1"), 50), 0);
});
