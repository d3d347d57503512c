import assert from "node:assert/strict";
import { test } from "node:test";
import { claimIdentity, createProcessLocks, KEY_ANNOTATION } from "../../../src/locking/index.ts";
import { held, holder, locked, target, World } from "./world.ts";

const key = target.resource;
const attempt = { mode: "try" } as const;

/** Lets what is ready run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

void test("a free key is locked with one write, and given back with one", async () => {
  const world = new World();
  const answer = await world.locks().acquire(key, attempt);
  assert.equal(answer.kind === "held" && answer.how, "created");
  const lock = locked(answer);
  const { spec, metadata } = await world.leaseThere();
  assert.equal(spec?.leaseDurationSeconds, 30);
  assert.equal(spec.renewTime, "2026-01-01T00:00:00.000000Z");
  assert.equal(metadata.annotations?.[KEY_ANNOTATION], key);
  assert.deepEqual([lock.key, lock.fence, lock.signal.aborted], [key, metadata.resourceVersion, false]);
  lock.assertHeld();
  await world.clock.advance(1500);
  await lock[Symbol.asyncDispose]();
  await lock[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
  assert.equal(world.verbs(), "create delete");
  assert.throws(() => lock.assertHeld(), { name: "LockLostError", reason: "given-back" });
  assert.equal(world.clock.pendingTimers, 0);
  assert.deepEqual(world.events.at(-1), { kind: "released", form: "process", heldMs: 1500 });
  assert.equal(world.events.length, 2);
});

void test("Z17: two workers of one process do not both hold a lock", async () => {
  const world = new World();
  const locks = world.locks();
  const [first, second] = await Promise.all([locks.acquire(key, attempt), locks.acquire(key, attempt)]);
  assert.deepEqual(second, { kind: "contended", by: "replica-1", retryAfterMs: 100 });
  assert.equal(world.verbs(), "create");
  await locked(first)[Symbol.asyncDispose]();
});

void test("Z17: two lock managers with one identity do not both hold a lock", async () => {
  const world = new World();
  const first = locked(await world.locks("twin").acquire(key, attempt));
  const answer = await world.locks("twin").acquire(key, attempt);
  // Both have the same randomness here as well, so the identities are equal: the later one adopts, and the earlier one learns it.
  const second = locked(answer);
  await world.clock.advance(10_000);
  assert.equal(first.signal.aborted && first.signal.reason.reason, "taken");
  second.assertHeld();
  await first[Symbol.asyncDispose]();
  assert.ok(await world.lease());
  await second[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
});

void test("Z17: two processes of one name do not take each other's lock for their own", async () => {
  const world = new World();
  const named = (random: number) => createProcessLocks({ ...world.deps, identity: "twin", random: () => random });
  const first = locked(await named(0.1).acquire(key, attempt));
  const second = await named(0.9).acquire(key, attempt);
  assert.equal(second.kind, "contended");
  first.assertHeld();
  await first[Symbol.asyncDispose]();
});

void test("a lock held elsewhere is waited for, and had soon after it was given back", async () => {
  const world = new World();
  const first = locked(await world.locks("one").acquire(key, attempt));
  const waiting = world.locks("two").acquire(key, { mode: { waitMs: 5_000 } });
  await world.clock.advance(1_000);
  await first[Symbol.asyncDispose]();
  await world.clock.advance(110);
  await locked(await waiting)[Symbol.asyncDispose]();
  assert.equal(world.clock.pendingTimers, 0);
});

void test("who waits in vain is told so in time, in this process and across processes", async () => {
  const world = new World();
  const locks = world.locks("one");
  const first = locked(await locks.acquire(key, attempt));
  const near = locks.acquire(key, { mode: { waitMs: 500 } });
  const far = world.locks("two").acquire(key, { mode: { waitMs: 500 } });
  await world.clock.advance(500);
  assert.equal((await near).kind, "contended");
  assert.equal((await far).kind, "contended");
  await first[Symbol.asyncDispose]();
  await locked(await locks.acquire(key, attempt))[Symbol.asyncDispose]();
  assert.equal(world.clock.pendingTimers, 0);
});

void test("workers of one process take turns", async () => {
  const world = new World();
  const locks = world.locks("one");
  const first = locked(await locks.acquire(key, attempt));
  const second = locks.acquire(key, { mode: { waitMs: 5_000 } });
  await first[Symbol.asyncDispose]();
  await locked(await second)[Symbol.asyncDispose]();
  assert.equal(world.verbs(), "create delete create delete");
  assert.equal(world.clock.pendingTimers, 0);
});

void test("a wait ends with its caller's signal, in this process and across processes", async () => {
  const world = new World();
  const locks = world.locks("one");
  const first = locked(await locks.acquire(key, attempt));
  const leaving = new AbortController();
  const near = locks.acquire(key, { mode: { waitMs: 5_000 } }, { signal: leaving.signal });
  const far = world.locks("two").acquire(key, { mode: { waitMs: 5_000 } }, { signal: leaving.signal });
  await settle();
  leaving.abort(new Error("leaving"));
  await assert.rejects(near, { message: "leaving" });
  await assert.rejects(far, { message: "leaving" });
  await first[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
  assert.equal(world.clock.pendingTimers, 0);
});

void test("a caller that leaves while its lock is made leaves no Lease", async () => {
  const world = new World();
  const leaving = new AbortController();
  world.around = async (call, send) => {
    if (call.verb === "create") leaving.abort(new Error("leaving"));
    return send();
  };
  const locks = world.locks();
  await assert.rejects(locks.acquire(key, attempt, { signal: leaving.signal }), { message: "leaving" });
  await assert.rejects(locks.acquire(key, attempt, { signal: leaving.signal }), { message: "leaving" });
  assert.equal(await world.lease(), undefined);
  world.around = (_call, send) => send();
  await locked(await locks.acquire(key, attempt))[Symbol.asyncDispose]();
});

void test("an answer that comes after the term is over is no lock", async () => {
  const world = new World();
  world.around = async (call, send) => {
    const answer = await send();
    if (call.verb === "create") await world.clock.sleep(27_000);
    return answer;
  };
  const acquiring = world.locks().acquire(key, attempt);
  await world.clock.advance(27_000);
  assert.equal((await acquiring).kind, "contended");
  assert.equal(await world.lease(), undefined);
});

void test("a dead process's lock is taken over by whoever watched it for its duration", async () => {
  const world = new World();
  await world.put({ holderIdentity: "dead/1", leaseDurationSeconds: 30, renewTime: "2026-01-01T00:00:00.000000Z", leaseTransitions: 4 });
  const waiting = world.locks().acquire(key, { mode: { waitMs: 60_000 } });
  await world.clock.advance(29_000);
  assert.equal((await world.leaseThere()).spec?.holderIdentity, "dead/1");
  await world.clock.advance(1_200);
  const answer = await waiting;
  assert.equal(answer.kind === "held" && answer.how, "taken-over");
  assert.equal((await world.leaseThere()).spec?.leaseTransitions, 5);
  await locked(answer)[Symbol.asyncDispose]();
});

void test("claims and process-held locks on one key keep each other out", async () => {
  const world = new World();
  const claim = held(await world.claims().acquire(target, holder("a")));
  assert.deepEqual(await world.locks().acquire(key, attempt), { kind: "contended", by: claimIdentity(holder("a")), retryAfterMs: 100 });
  await claim[Symbol.asyncDispose]();
  const lock = locked(await world.locks().acquire(key, attempt));
  assert.equal((await world.claims().acquire(target, holder("a"))).kind, "contended");
  await lock[Symbol.asyncDispose]();
});

void test("what can not be had for other reasons is told apart", async () => {
  const world = new World();
  await world.put({ holderIdentity: "x" }, { annotations: { [KEY_ANNOTATION]: "other" } });
  assert.deepEqual(await world.locks().acquire(key, attempt), { kind: "foreign", by: "x on other" });
  await world.deleteLease();
  await world.put({}, { finalizers: ["example.com/slow"] });
  await world.deleteLease();
  assert.deepEqual(await world.locks().acquire(key, attempt), { kind: "contended", by: "a Lease in deletion", retryAfterMs: 100 });
  world.failing("create", "before", "AlreadyExists");
  const races = new World();
  races.failing("create", "before", "AlreadyExists");
  assert.deepEqual(await races.locks().acquire(key, attempt), { kind: "contended", by: "several at once", retryAfterMs: 100 });
});

void test("a refusal by the API server is thrown, and the key can be asked for again", async () => {
  const world = new World();
  const locks = world.locks();
  world.failing("create", "before", "Forbidden", 1);
  await assert.rejects(locks.acquire(key, attempt), { reason: "Forbidden" });
  await locked(await locks.acquire(key, attempt))[Symbol.asyncDispose]();
});

void test("names and durations that make no sense are refused when the locks are made", () => {
  const world = new World();
  assert.throws(() => world.locks("rr/ns/name/uid"), TypeError);
  assert.throws(() => world.locks(""), TypeError);
  assert.throws(() => world.locks("one", { durationMs: 0 }), TypeError);
  assert.throws(() => world.locks("one", { durationMs: Number.NaN }), TypeError);
  assert.throws(() => world.locks("one", { durationMs: 1_000, marginMs: 500 }), TypeError);
  assert.throws(() => world.locks("one", { durationMs: 1_000, marginMs: -1 }), TypeError);
});
