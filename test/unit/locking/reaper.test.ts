import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { claimedKey, claimIdentity, createReaper, KEY_ANNOTATION, listClaims, parseClaim, type ClaimState, type Reaper } from "../../../src/locking/index.ts";
import { held, holder, kubeError, locked, namespace, target, World } from "./world.ts";

const [a, b] = [holder("a"), holder("b")];

class Reaping extends World {
  readonly over = new Set<string>();
  readonly asked: unknown[] = [];
  /** What the cache shows: it moves when told. */
  cached: readonly Lease[] = [];
  synced = true;

  async refresh(): Promise<void> {
    this.cached = (await this.kube.list(kinds.Lease, { namespace })).items;
  }

  /** A claim that outlives its handle, and that the cache shows. */
  async claimed(by = this.claims()): Promise<void> {
    held(await by.acquire(target, a)).keep();
    await this.refresh();
  }

  /** Lets a reaper work for as long as `meanwhile` takes. */
  async atWork(reaper: Reaper, meanwhile: () => Promise<void>): Promise<void> {
    const stop = new AbortController();
    const running = reaper.run({ signal: stop.signal });
    await meanwhile();
    stop.abort();
    await running;
  }

  list(): readonly Lease[] {
    return this.cached;
  }

  reaper(stateOf = async (uid: string): Promise<ClaimState> => (this.over.has(uid) ? "over" : "needed")): Reaper {
    return createReaper({
      ...this.deps,
      leases: this,
      stateOf: (claimHolder, of) => {
        this.asked.push({ claimHolder, of });
        return stateOf(claimHolder.uid);
      },
    });
  }
}

void test("a claim that is over is deleted", async () => {
  const world = new Reaping();
  held(await world.claims().acquire({ clusterID: "west", ...target }, a)).keep();
  await world.refresh();
  world.over.add(a.uid);
  assert.equal(await world.reaper().sweep(), 1);
  assert.deepEqual((await world.kube.list(kinds.Lease)).items, []);
  assert.deepEqual(world.asked, [{ claimHolder: a, of: { clusterID: "west", ...target } }]);
  assert.deepEqual(world.events.at(-1), { kind: "reaped", form: "claim" });
});

void test("Z19: a claim that is not over stays, however old it is", async () => {
  const world = new Reaping();
  await world.claimed();
  const reaper = world.reaper();
  await reaper.sweep();
  await world.clock.advance(365 * 24 * 3_600_000);
  assert.equal(await reaper.sweep(), 0);
  assert.ok(await world.lease());
});

void test("Z13: what was judged on a snapshot is not done to a newer version", async () => {
  const world = new Reaping();
  await world.claimed();
  const reaper = world.reaper(async () => {
    await world.claimed(world.claims("replica-2"));
    return "over";
  });
  assert.equal(await reaper.sweep(), 0);
  assert.ok(await world.lease());
  assert.deepEqual(world.warnings, []);
});

void test("Z79: a claim that is idle may be somebody's who is about to make something under it: it goes when it has stayed so for half a second", async () => {
  const world = new Reaping();
  await world.claimed();
  await world.atWork(world.reaper(async () => "idle"), async () => {
    await world.clock.advance(499);
    assert.ok(await world.lease());
    await world.clock.advance(1);
    assert.equal(await world.lease(), undefined);
    assert.equal(world.asked.length, 2);
  });
  assert.equal(world.clock.pendingTimers, 0);
});

void test("who claims again under an idle claim has half a second of his own", async () => {
  const world = new Reaping();
  await world.claimed();
  const reaper = world.reaper(async () => "idle");
  assert.equal(await reaper.sweep(), 0);
  await world.clock.advance(400);
  await world.claimed(world.claims("replica-2"));
  assert.equal(await reaper.sweep(), 0);
  await world.clock.advance(499);
  assert.equal(await reaper.sweep(), 0);
  await world.clock.advance(1);
  assert.equal(await reaper.sweep(), 1);
});

void test("a claim that was needed in between has not stayed idle", async () => {
  const world = new Reaping();
  await world.claimed();
  const states: ClaimState[] = ["idle", "needed", "idle"];
  const reaper = world.reaper(async () => states.shift() ?? "idle");
  for (let look = 0; look < 3; look++) {
    assert.equal(await reaper.sweep(), 0);
    await world.clock.advance(300);
  }
  await world.clock.advance(200);
  assert.equal(await reaper.sweep(), 1);
});

void test("nothing is judged before the first list is there", async () => {
  const world = new Reaping();
  await world.claimed();
  world.over.add(a.uid);
  world.synced = false;
  assert.equal(await world.reaper().sweep(), 0);
});

void test("a claim that can not be judged does not keep the others from being", async () => {
  const world = new Reaping();
  held(await world.claims().acquire(target, a)).keep();
  held(await world.claims().acquire({ resource: "Node/n1" }, b)).keep();
  await world.refresh();
  const reaper = world.reaper(async (uid) => {
    if (uid === a.uid) throw kubeError("Unreachable");
    return "over";
  });
  assert.equal(await reaper.sweep(), 1);
  assert.deepEqual(world.warnings, ["lease not reaped, looked at again later"]);
  assert.deepEqual((await world.leaseThere()).spec?.holderIdentity, claimIdentity(a));
});

void test("a process-held Lease goes when its process has not renewed it for its duration, one that nobody holds at once", async () => {
  const world = new Reaping();
  const lock = locked(await world.locks().acquire(target.resource, { mode: "try" }));
  const dead = { holderIdentity: "dead/1", leaseDurationSeconds: 30, renewTime: "2026-01-01T00:00:00.000000Z" };
  await world.put(dead, { name: "ro-lock-dead", annotations: { [KEY_ANNOTATION]: "dead" } });
  await world.put({ holderIdentity: "" }, { name: "ro-lock-empty", annotations: { [KEY_ANNOTATION]: "empty" } });
  await world.put(dead, { name: "not-ours" });
  const reaper = world.reaper();
  await world.refresh();
  assert.equal(await reaper.sweep(), 1);
  await world.clock.advance(30_000);
  await world.refresh();
  assert.equal(await reaper.sweep(), 1);
  lock.assertHeld();
  assert.deepEqual(new Set((await world.kube.list(kinds.Lease)).items.map(({ metadata }) => metadata.name)), new Set([(await world.leaseThere()).metadata.name, "not-ours"]));
  await lock[Symbol.asyncDispose]();
});

void test("a Lease that is going already is left to go", async () => {
  const world = new Reaping();
  await world.put({ holderIdentity: claimIdentity(a) }, { finalizers: ["example.com/slow"], annotations: { [KEY_ANNOTATION]: target.resource } });
  await world.deleteLease();
  await world.refresh();
  world.over.add(a.uid);
  assert.equal(await world.reaper().sweep(), 0);
  assert.equal(world.verbs(), "");
});

void test("it looks when woken and every minute, and stops with its signal", async () => {
  const world = new Reaping();
  await world.claimed();
  const reaper = world.reaper();
  await world.atWork(reaper, async () => {
    await world.clock.advance(0);
    assert.equal(world.asked.length, 1);
    reaper.wake();
    reaper.wake();
    await world.clock.advance(0);
    assert.equal(world.asked.length, 2);
    await world.clock.advance(59_999);
    assert.equal(world.asked.length, 2);
    await world.clock.advance(1);
    assert.equal(world.asked.length, 3);
  });
  assert.equal(world.clock.pendingTimers, 0);
});

void test("a call that comes during a look leads to another one", async () => {
  const world = new Reaping();
  await world.claimed();
  const reaper: Reaper = world.reaper(async () => {
    if (world.asked.length === 1) reaper.wake();
    return "needed";
  });
  await world.atWork(reaper, async () => {
    await world.clock.advance(0);
    assert.equal(world.asked.length, 2);
  });
});

void test("claims can be read from Leases, and found by their target", async () => {
  const world = new Reaping();
  held(await world.claims().acquire(target, a)).keep();
  const claim = await world.leaseThere();
  await world.put({ holderIdentity: "go-1", leaseDurationSeconds: 30 }, { name: "other", annotations: { [KEY_ANNOTATION]: "other" } });
  await world.put(undefined, { name: "empty" });
  await world.refresh();
  const record = { target, holder: a, fence: claim.metadata.resourceVersion };
  assert.deepEqual(parseClaim(claim), record);
  assert.deepEqual(listClaims({ list: () => world.cached }), [record]);
  assert.deepEqual(world.cached.flatMap(claimedKey), [target.resource]);
});
