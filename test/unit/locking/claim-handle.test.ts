import assert from "node:assert/strict";
import { test } from "node:test";
import { claimIdentity, createClaims, KEY_ANNOTATION, REPLICA_ANNOTATION } from "../../../src/locking/index.ts";
import { held, holder, target, World } from "./world.ts";

const [a, b] = [holder("a"), holder("b")];

void test("Z13: a handle deletes the Lease at the version that it acquired, and no other", async () => {
  const world = new World();
  const first = held(await world.claims().acquire(target, a));
  await world.deleteLease();
  const second = held(await world.claims("replica-2").acquire(target, b));
  await first[Symbol.asyncDispose]();
  assert.equal((await world.leaseThere()).metadata.resourceVersion, second.fence);
});

void test("Z13: the replica that created a claim does not delete it from under the one that adopted it", async () => {
  const world = new World();
  const first = held(await world.claims().acquire(target, a));
  const second = held(await world.claims("replica-2").acquire(target, a));
  await first[Symbol.asyncDispose]();
  const lease = await world.leaseThere();
  assert.equal(lease.metadata.resourceVersion, second.fence);
  assert.equal(lease.metadata.annotations?.[REPLICA_ANNOTATION], "replica-2");
  assert.deepEqual(world.warnings, []);
});

void test("Z13: the same holds for a replica that came back under its old name", async () => {
  const world = new World();
  const first = held(await world.claims().acquire(target, a));
  const second = held(await world.claims().acquire(target, a));
  await first[Symbol.asyncDispose]();
  assert.equal((await world.leaseThere()).metadata.resourceVersion, second.fence);
});

void test("Z24: a release right after the acquisition finds the Lease, on any replica", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  assert.equal(await world.claims("replica-2").release(target, a), "released");
  assert.equal(await world.lease(), undefined);
  assert.equal(world.verbs(), "create get delete");
});

void test("Z25: a view that still shows the own old Lease is not taken for the claim", async () => {
  const world = new World();
  const claims = world.claims();
  held(await claims.acquire(target, a)).keep();
  const old = await world.leaseThere();
  await claims.release(target, a);
  held(await world.claims("replica-2").acquire(target, b)).keep();
  // The fake answers with the type that was asked for.
  world.around = async <T>(call: { readonly verb: string }, send: () => Promise<T>) => (call.verb === "get" ? (old as T) : send());
  assert.equal((await claims.acquire(target, a)).kind, "contended");
  assert.equal((await world.leaseThere()).spec?.holderIdentity, claimIdentity(b));
});

void test("Z25: a cache that still shows the own old Lease is not taken for the claim", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const old = await world.leaseThere();
  await world.claims().release(target, a);
  const behind = createClaims({ ...world.deps, identity: "replica-1", known: { on: () => [old], deleted: () => undefined } });
  held(await world.claims("replica-2").acquire(target, b)).keep();
  assert.equal((await behind.acquire(target, a)).kind, "claimed");
});

void test("a release of a claim that is known here is one request, and it is known to be gone at once", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const known = [await world.leaseThere()];
  const gone: string[] = [];
  const claims = createClaims({ ...world.deps, identity: "replica-2", known: { on: () => known, deleted: (lease) => void gone.push(lease.metadata.uid) } });
  world.verbs();
  assert.equal(await claims.release(target, a), "released");
  assert.equal(world.verbs(), "delete");
  assert.deepEqual(gone, [known[0]?.metadata.uid]);
});

void test("a release of a claim that is known as it was before an adoption leaves it to the reaper (Z86)", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const known = [await world.leaseThere()];
  const adopted = held(await world.claims("replica-3").acquire(target, a));
  adopted.keep();
  const claims = createClaims({ ...world.deps, identity: "replica-2", known: { on: () => known, deleted: () => assert.fail("it is still there") } });
  assert.equal(await claims.release(target, a), "absent");
  assert.equal((await world.leaseThere()).metadata.resourceVersion, adopted.fence);
});

void test("a release does not go by a known claim that another holder has followed", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const known = [await world.leaseThere()];
  await world.deleteLease();
  held(await world.claims().acquire(target, b)).keep();
  const claims = createClaims({ ...world.deps, identity: "replica-2", known: { on: () => known, deleted: () => assert.fail("it is still there") } });
  assert.equal(await claims.release(target, a), "absent");
  assert.equal((await world.leaseThere()).spec?.holderIdentity, claimIdentity(b));
});

void test("release leaves alone what is another one's, about another key, or not there", async () => {
  const world = new World();
  assert.equal(await world.claims().release(target, a), "absent");
  held(await world.claims().acquire(target, b)).keep();
  assert.equal(await world.claims().release(target, a), "absent");
  await world.deleteLease();
  await world.put({ holderIdentity: claimIdentity(a) }, { annotations: { [KEY_ANNOTATION]: "another key" } });
  assert.equal(await world.claims().release(target, a), "absent");
  assert.ok(await world.lease());
});

void test("a release leaves a claim that another replica has adopted for the same holder meanwhile (Z86)", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  let adopted = false;
  world.around = async (call, send) => {
    if (call.verb === "delete" && !adopted) {
      adopted = true;
      held(await world.claims("replica-2").acquire(target, a)).keep();
    }
    return send();
  };
  assert.equal(await world.claims().release(target, a), "absent");
  assert.equal((await world.leaseThere()).metadata.annotations?.[REPLICA_ANNOTATION], "replica-2");
});

void test("a release that another one overtakes leaves the new holder's Lease", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  let overtaken = false;
  world.around = async (call, send) => {
    if (call.verb === "delete" && !overtaken) {
      overtaken = true;
      await world.deleteLease();
      held(await world.claims("replica-2").acquire(target, b)).keep();
    }
    return send();
  };
  assert.equal(await world.claims().release(target, a), "absent");
  assert.equal((await world.leaseThere()).spec?.holderIdentity, claimIdentity(b));
});

void test("a release throws what the API server refuses", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  world.failing("delete", "before", "Forbidden");
  await assert.rejects(world.claims().release(target, a), { reason: "Forbidden" });
});

void test("a disposal whose answer was lost looks again, and tries again when nothing was done", async () => {
  const world = new World();
  const claims = world.claims();
  world.failing("delete", "before", "UnknownOutcome", 1);
  await held(await claims.acquire(target, a))[Symbol.asyncDispose]();
  assert.equal(world.verbs(), "create delete get delete");
  world.failing("delete", "after", "UnknownOutcome", 1);
  await held(await claims.acquire(target, a))[Symbol.asyncDispose]();
  assert.equal(world.verbs(), "create delete get");
});

void test("a disposal never throws: its failure is logged and counted, and the process can ask again", async () => {
  const world = new World();
  const claims = world.claims();
  const claim = held(await claims.acquire(target, a));
  world.failing("delete", "before", "UnknownOutcome");
  await claim[Symbol.asyncDispose]();
  assert.deepEqual(world.warnings, ["claim not given back, the reaper will look at it"]);
  assert.deepEqual(world.events.at(-1), { kind: "release-failed", form: "claim" });
  assert.equal((await claims.acquire(target, a)).kind, "held");
});

void test("an adopted claim stays when its handle goes: whoever took it first may have done something under it", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const adopted = held(await world.claims("replica-2").acquire(target, a));
  await adopted[Symbol.asyncDispose]();
  assert.equal((await world.leaseThere()).metadata.resourceVersion, adopted.fence);
});

void test("a handle that was kept leaves the Lease, one that was disposed can not be kept", async () => {
  const world = new World();
  const claims = world.claims();
  const kept = held(await claims.acquire(target, a));
  kept.keep();
  await kept[Symbol.asyncDispose]();
  assert.ok(await world.lease());
  await claims.release(target, a);
  const disposed = held(await claims.acquire(target, a));
  await disposed[Symbol.asyncDispose]();
  const next = held(await claims.acquire(target, b));
  disposed.keep();
  assert.equal((await claims.acquire(target, a)).kind, "contended", "the next handle is still open");
  await next[Symbol.asyncDispose]();
});
