import assert from "node:assert/strict";
import { test } from "node:test";
import { claimIdentity, KEY_ANNOTATION, LOCK_LABEL, REPLICA_ANNOTATION } from "../../../src/locking/index.ts";
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
  assert.deepEqual(world.events, [{ kind: "acquired", form: "claim", how: "created", tookMs: 0 }, { kind: "released", form: "claim", heldMs: 0 }]);
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

void test("a target without a name and a holder without a uid are refused before any request", async () => {
  const world = new World();
  await assert.rejects(world.claims().acquire({ resource: "" }, a), TypeError);
  await assert.rejects(world.claims().acquire(target, { namespace, name: "rr-a", uid: "" }), TypeError);
  assert.equal(world.verbs(), "");
});
