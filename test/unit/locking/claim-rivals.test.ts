import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { claimIdentity, KEY_ANNOTATION } from "../../../src/locking/index.ts";
import { holder, kubeError, target, World } from "./world.ts";

const a = holder("a");

void test("a process-held Lease is contended for, soon again at its end, and taken over when it was watched long enough", async () => {
  const world = new World();
  const claims = world.claims();
  await world.put({ holderIdentity: "go-1", leaseDurationSeconds: 30, renewTime: "2020-01-01T00:00:00.000000Z", acquireTime: "2020-01-01T00:00:00.000000Z" });
  assert.deepEqual(await claims.acquire(target, a), { kind: "contended", by: "go-1", retryAfterMs: 100 });
  world.clock.jumpWall(3_600_000);
  await world.clock.advance(29_950);
  assert.deepEqual(await claims.acquire(target, a), { kind: "contended", by: "go-1", retryAfterMs: 50 });
  await world.clock.advance(50);
  const answer = await claims.acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "taken-over");
  assert.deepEqual((await world.leaseThere()).spec, { holderIdentity: claimIdentity(a), acquireTime: "2026-01-01T01:00:30.000000Z", leaseTransitions: 1 });
});

void test("a process-held Lease that is renewed is not taken over", async () => {
  const world = new World();
  const claims = world.claims();
  await world.put({ holderIdentity: "go-1", leaseDurationSeconds: 30 });
  await claims.acquire(target, a);
  await world.clock.advance(20_000);
  await world.change({ renewTime: "2020-01-01T00:00:00.000000Z" });
  assert.equal((await claims.acquire(target, a)).kind, "contended");
  await world.clock.advance(29_999);
  assert.equal((await claims.acquire(target, a)).kind, "contended");
});

void test("a Lease that nobody holds is taken over, unknown fields and all", async () => {
  const world = new World();
  await world.put(undefined, { annotations: { "example.com/theirs": "kept" } });
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "taken-over");
  assert.equal((await world.leaseThere()).metadata.annotations?.["example.com/theirs"], "kept");
});

void test("a Lease that nobody holds goes to the first of two who take it over (Z106)", async () => {
  const world = new World();
  const b = holder("b");
  await world.put(undefined);
  world.around = async (call, send) => {
    const answer = await send();
    if (call.verb !== "get") return answer;
    world.around = (_call, again) => again();
    assert.equal((await world.claims("replica-2").acquire(target, b)).kind, "held");
    return answer;
  };
  assert.equal((await world.claims().acquire(target, a)).kind, "claimed");
  assert.equal((await world.leaseThere()).spec?.holderIdentity, claimIdentity(b));
});

void test("a Lease in deletion is contended for until it is gone", async () => {
  const world = new World();
  const claims = world.claims();
  const lease = await world.put({}, { finalizers: ["example.com/slow"] });
  await world.deleteLease();
  assert.deepEqual(await claims.acquire(target, a), { kind: "contended", by: "a Lease in deletion", retryAfterMs: 100 });
  const going = await world.leaseThere();
  await world.kube.replace<Lease>(kinds.Lease, { ...going, metadata: { ...going.metadata, finalizers: [] } });
  assert.equal((await claims.acquire(target, a)).kind, "held");
  assert.notEqual((await world.leaseThere()).metadata.uid, lease.metadata.uid);
});

void test("Z20: a Lease about another key is foreign, and stays as it is", async () => {
  const world = new World();
  const lease = await world.put({ holderIdentity: claimIdentity(a) }, { annotations: { [KEY_ANNOTATION]: "other" } });
  assert.deepEqual(await world.claims().acquire(target, a), { kind: "foreign", by: "rr/locks/rr-a/u-a on other" });
  assert.deepEqual(await world.lease(), lease);
});

void test("a Lease that changes hands at each look is contended for", async () => {
  const world = new World();
  world.around = async (call, send) => {
    if (call.verb === "create") throw kubeError("AlreadyExists");
    return send();
  };
  assert.equal((await world.claims().acquire(target, a)).kind, "contended");
  assert.equal(world.verbs(), "create get create get create get create get");
});
