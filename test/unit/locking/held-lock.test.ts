import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { kubeError, locked, target, World } from "./world.ts";

const key = target.resource;
const attempt = { mode: "try" } as const;

void test("it is renewed at a third of its duration, for as long as it is held", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  await world.clock.advance(300_000);
  lock.assertHeld();
  assert.equal(world.verbs(), `create${" replace".repeat(30)}`);
  assert.equal((await world.leaseThere()).spec?.renewTime, "2026-01-01T00:05:00.000000Z");
  assert.equal((await world.leaseThere()).spec?.acquireTime, "2026-01-01T00:00:00.000000Z");
  await lock[Symbol.asyncDispose]();
  assert.equal(world.clock.pendingTimers, 0);
});

void test("without an answer to its renewals it is lost before others may take it", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  world.around = () => Promise.reject(kubeError("Unreachable"));
  await world.clock.advance(26_999);
  lock.assertHeld();
  await world.clock.advance(1);
  assert.equal(lock.signal.reason.reason, "expired");
  assert.throws(() => lock.assertHeld(), { reason: "expired" });
  assert.deepEqual(world.events.map(({ kind }) => kind), ["acquired", "lost"]);
  await lock[Symbol.asyncDispose]();
  assert.deepEqual(world.events.at(-1), { kind: "release-failed", form: "process" });
  assert.equal(world.clock.pendingTimers, 0);
});

void test("Z18: the deadline counts from before the creation was sent, not from its answer", async () => {
  const world = new World();
  world.around = async (call, send) => {
    const answer = await send();
    if (call.verb === "create") await world.clock.sleep(9_000);
    else throw kubeError("Unreachable");
    return answer;
  };
  const acquiring = world.locks().acquire(key, attempt);
  await world.clock.advance(9_000);
  const lock = locked(await acquiring);
  await world.clock.advance(17_999);
  lock.assertHeld();
  await world.clock.advance(1);
  assert.equal(lock.signal.reason.reason, "expired");
  await lock[Symbol.asyncDispose]();
});

void test("Z18: the deadline counts from before a renewal was sent, not from its answer", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  let renewals = 0;
  world.around = async (call, send) => {
    if (call.verb !== "replace" || renewals++ > 0) throw kubeError("Unreachable");
    const answer = await send();
    await world.clock.sleep(9_000);
    return answer;
  };
  await world.clock.advance(36_999);
  lock.assertHeld();
  await world.clock.advance(1);
  assert.equal(lock.signal.reason.reason, "expired");
  await lock[Symbol.asyncDispose]();
});

void test("an event loop that was blocked past the deadline is caught by the synchronous check", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  world.clock.monotonic = () => 27_000;
  world.clock.now = () => Date.UTC(2026, 0, 1) + 27_000;
  assert.equal(lock.signal.aborted, false);
  assert.throws(() => lock.assertHeld(), { reason: "expired" });
  assert.equal(lock.signal.aborted, true);
  await lock[Symbol.asyncDispose]();
});

for (const jumpMs of [3_001, -3_001]) {
  void test(`a wall clock that jumps by ${jumpMs} ms against the monotonic one loses the lock`, async () => {
    const world = new World();
    const lock = locked(await world.locks().acquire(key, attempt));
    world.clock.jumpWall(jumpMs);
    assert.throws(() => lock.assertHeld(), { reason: "clock-jump" });
    await lock[Symbol.asyncDispose]();
    assert.equal(await world.lease(), undefined);
  });
}

void test("a jump is found at the next renewal at the latest, a small one is put up with", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  world.clock.jumpWall(2_900);
  await world.clock.advance(10_000);
  lock.assertHeld();
  world.clock.jumpWall(2_900);
  await world.clock.advance(10_000);
  lock.assertHeld();
  world.clock.jumpWall(3_100);
  await world.clock.advance(10_000);
  assert.equal(lock.signal.reason.reason, "clock-jump");
  await lock[Symbol.asyncDispose]();
});

void test("Z14: a renewal does not bring a deleted Lease back to life", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  await world.deleteLease();
  await world.clock.advance(10_000);
  assert.equal(lock.signal.reason.reason, "taken");
  assert.equal(await world.lease(), undefined);
  await lock[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
});

void test("a lock that another one took is lost at the next renewal, and their Lease is left alone", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  await world.change({ holderIdentity: "go-1" });
  await world.clock.advance(10_000);
  assert.equal(lock.signal.reason.reason, "taken");
  await lock[Symbol.asyncDispose]();
  assert.equal((await world.leaseThere()).spec?.holderIdentity, "go-1");
});

void test("a label that somebody puts on the Lease does not lose the lock", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  const lease = await world.leaseThere();
  await world.kube.replace<Lease>(kinds.Lease, { ...lease, metadata: { ...lease.metadata, labels: { ...lease.metadata.labels, "example.com/theirs": "yes" } } });
  await world.clock.advance(14_000);
  lock.assertHeld();
  assert.equal(world.verbs(), "create replace get replace");
  await lock[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
});

void test("Z18: a renewal whose answer was lost is read again, and counts from when it was sent", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  let reads = 0;
  world.around = async (call, send) => {
    const answer = await send();
    if (call.verb === "replace") throw kubeError("UnknownOutcome");
    if (reads++ === 0) await world.clock.sleep(5_000);
    return answer;
  };
  await world.clock.advance(15_000);
  assert.equal(world.verbs(), "create replace get");
  world.around = () => Promise.reject(kubeError("Unreachable"));
  await world.clock.advance(21_999);
  lock.assertHeld();
  await world.clock.advance(1);
  assert.equal(lock.signal.reason.reason, "expired");
  world.around = (_call, send) => send();
  await lock[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
});

void test("a renewal that was not done is done soon after", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  world.failing("replace", "before", "UnknownOutcome", 1);
  await world.clock.advance(13_000);
  assert.equal(world.verbs(), "create replace get replace");
  await lock[Symbol.asyncDispose]();
});

void test("a renewal that lands after it was given up still is our own", async () => {
  const world = new World();
  const lock = locked(await world.locks().acquire(key, attempt));
  let late: (() => Promise<unknown>) | undefined;
  world.around = async (call, send) => {
    if (call.verb !== "replace") return send();
    if (!late) {
      late = send;
      throw kubeError("UnknownOutcome");
    }
    await late().catch(() => undefined);
    return send();
  };
  await world.clock.advance(13_000);
  lock.assertHeld();
  assert.equal((await world.leaseThere()).spec?.renewTime, "2026-01-01T00:00:10.000000Z");
  await lock[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
});

void test("giving back in the midst of a renewal leaves no Lease, whether it lands or not", async () => {
  for (const lands of [true, false]) {
    const world = new World();
    const lock = locked(await world.locks().acquire(key, attempt));
    world.around = async (call, send) => {
      if (call.verb !== "replace") return send();
      if (lands) await send();
      return new Promise((_resolve, reject) => call.options.signal?.addEventListener("abort", () => reject(kubeError("UnknownOutcome"))));
    };
    await world.clock.advance(10_000);
    await lock[Symbol.asyncDispose]();
    assert.equal(await world.lease(), undefined);
    assert.equal(world.clock.pendingTimers, 0);
  }
});

void test("an error that is no answer of the API server loses the lock, because nobody is left to renew it", async () => {
  for (const verb of ["replace", "get"]) {
    const world = new World();
    const lock = locked(await world.locks().acquire(key, attempt));
    world.around = async (call, send) => {
      if (call.verb === verb) throw new RangeError("a bug");
      if (call.verb === "replace") throw kubeError("UnknownOutcome");
      return send();
    };
    await world.clock.advance(10_000);
    assert.equal(lock.signal.reason.reason, "failed");
    assert.ok(lock.signal.reason.cause instanceof RangeError);
    await lock[Symbol.asyncDispose]();
  }
});
