import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { claimIdentity, createClaims, KEY_ANNOTATION, LOCK_LABEL, REPLICA_ANNOTATION } from "../../../src/locking/index.ts";
import { held, holder, kubeError, namespace, target, World } from "./world.ts";

const [a, b] = [holder("a"), holder("b")];

void test("a free target is claimed with one write, and given back with one", async () => {
  const world = new World();
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "created");
  const lease = await world.leaseThere();
  assert.deepEqual(lease.spec, { holderIdentity: "rr/locks/rr-a/u-a", acquireTime: "2026-01-01T00:00:00.000000Z", leaseTransitions: 0 });
  assert.deepEqual(lease.metadata.annotations, { [KEY_ANNOTATION]: target.resource, [REPLICA_ANNOTATION]: "replica-1" });
  assert.deepEqual(lease.metadata.labels, { [LOCK_LABEL]: "claim" });
  assert.equal(lease.metadata.ownerReferences, undefined);
  const claim = held(answer);
  assert.deepEqual([claim.fence, claim.target, claim.holder], [lease.metadata.resourceVersion, target, a]);
  await claim[Symbol.asyncDispose]();
  await claim[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
  assert.equal(world.verbs(), "create delete");
  assert.deepEqual(world.events, [{ kind: "acquired", form: "claim", how: "created", tookMs: 0 }, { kind: "released", form: "claim" }]);
});

void test("another holder is told who has the claim", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  assert.deepEqual(await world.claims("replica-2").acquire(target, b), { kind: "claimed", by: a });
  assert.equal(world.verbs(), "create create get");
  assert.deepEqual(world.events.at(-1), { kind: "refused", form: "claim", why: "claimed" });
});

void test("ten thousand callers of one process cost one request, and do not wait for the handle", async () => {
  const world = new World();
  const claims = world.claims();
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => claims.acquire(target, holder(String(n)))));
  assert.equal(world.verbs(), "create");
  assert.equal(answers.filter(({ kind }) => kind === "held").length, 1);
  assert.deepEqual(answers[9_999], { kind: "contended", by: claimIdentity(holder("0")), retryAfterMs: 100 });
});

void test("callers that come while a request is under way share its answer, but the holder asks for itself", async () => {
  const world = new World();
  held(await world.claims("replica-2").acquire(target, b)).keep();
  world.verbs();
  const claims = world.claims();
  const [first, second, own] = await Promise.all([claims.acquire(target, a), claims.acquire(target, holder("c")), claims.acquire(target, b)]);
  assert.deepEqual([first, second], [{ kind: "claimed", by: b }, { kind: "claimed", by: b }]);
  assert.equal(own.kind === "held" && own.how, "adopted");
  assert.equal(world.verbs(), "create get create get replace");
});

void test("Z17: two workers of one process with the same holder do not both hold the claim", async () => {
  const world = new World();
  const claims = world.claims();
  const [first, second] = await Promise.all([claims.acquire(target, a), claims.acquire(target, a)]);
  assert.equal(second.kind, "contended");
  assert.equal((await claims.acquire(target, a)).kind, "contended");
  held(first).keep();
  const again = await claims.acquire(target, a);
  assert.equal(again.kind === "held" && again.how, "adopted");
});

void test("Z15: a creation whose answer was lost is adopted, not taken for lost", async () => {
  const world = new World();
  world.failing("create", "after", "UnknownOutcome");
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "adopted");
  assert.equal(held(answer).fence, (await world.leaseThere()).metadata.resourceVersion);
});

void test("Z15: a creation that landed after it was given up is adopted when it is tried again", async () => {
  const world = new World();
  let late: (() => Promise<unknown>) | undefined;
  world.around = async (call, send) => {
    if (call.verb === "get") await late?.();
    if (call.verb !== "create" || late) return send();
    late = send;
    throw kubeError("UnknownOutcome");
  };
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "adopted");
});

void test("an answer that stays unknown is thrown, and the target can be asked for again", async () => {
  const world = new World();
  const claims = world.claims();
  world.failing("create", "before", "UnknownOutcome");
  await assert.rejects(claims.acquire(target, a), { reason: "UnknownOutcome" });
  assert.deepEqual(world.events, [{ kind: "acquisition-failed", form: "claim", reason: "UnknownOutcome" }]);
  world.around = (_call, send) => send();
  await held(await claims.acquire(target, a))[Symbol.asyncDispose]();
});

void test("a refusal is thrown at once, to everybody who shared the request", async () => {
  const world = new World();
  const claims = world.claims();
  world.failing("create", "before", "Forbidden");
  const settled = await Promise.allSettled([claims.acquire(target, a), claims.acquire(target, b)]);
  assert.deepEqual(settled.map(({ status }) => status), ["rejected", "rejected"]);
  assert.equal(world.verbs(), "create");
});

void test("what is no KubeError is thrown as it is", async () => {
  const world = new World();
  world.around = () => Promise.reject(new RangeError("a bug"));
  await assert.rejects(world.claims().acquire(target, a), RangeError);
  assert.deepEqual(world.events, [{ kind: "acquisition-failed", form: "claim", reason: "Other" }]);
});

void test("a caller that gives up does not take the others with it", async () => {
  const world = new World();
  const claims = world.claims();
  const leaving = new AbortController();
  world.around = async (call, send) => {
    if (call.options.signal !== leaving.signal) return send();
    leaving.abort(new Error("leaving"));
    throw kubeError("UnknownOutcome");
  };
  const [first, second] = await Promise.allSettled([claims.acquire(target, a, { signal: leaving.signal }), claims.acquire(target, b)]);
  assert.equal(first.status, "rejected");
  assert.equal(second.status === "fulfilled" && second.value.kind, "held");
});

void test("a caller that waits for another one's answer can leave", async () => {
  const world = new World();
  const claims = world.claims();
  const gate = Promise.withResolvers<void>();
  world.around = async (_call, send) => {
    await gate.promise;
    return send();
  };
  const first = claims.acquire(target, a);
  const leaving = new AbortController();
  const second = claims.acquire(target, b, { signal: leaving.signal });
  leaving.abort(new Error("leaving"));
  await assert.rejects(second, { message: "leaving" });
  await assert.rejects(claims.acquire(target, b, { signal: leaving.signal }), { message: "leaving" });
  gate.resolve();
  assert.equal((await first).kind, "held");
});

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

void test("a release of a claim that is known as it was before an adoption finds it as it is (Z13)", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  const known = [await world.leaseThere()];
  held(await world.claims("replica-3").acquire(target, a)).keep();
  const claims = createClaims({ ...world.deps, identity: "replica-2", known: { on: () => known, deleted: () => undefined } });
  assert.equal(await claims.release(target, a), "released");
  assert.equal(await world.lease(), undefined);
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

void test("a release goes after a claim that its own holder's other replica has adopted meanwhile", async () => {
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
  assert.equal(await world.claims().release(target, a), "released");
  assert.equal(await world.lease(), undefined);
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

void test("a target without a name and a holder without a uid are refused before any request", async () => {
  const world = new World();
  await assert.rejects(world.claims().acquire({ resource: "" }, a), TypeError);
  await assert.rejects(world.claims().acquire(target, { namespace, name: "rr-a", uid: "" }), TypeError);
  assert.equal(world.verbs(), "");
});
