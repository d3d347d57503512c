import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { isKubeError, KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { KEY, RR, ScriptedTransport, status } from "./scripted-transport.ts";

let world: ScriptedTransport;

beforeEach(() => {
  world = new ScriptedTransport();
});

test("a read waits as long as the server asks, within its deadline", async () => {
  world.answer(429, status(429, "TooManyRequests"), { "retry-after": "3" });
  world.answer(200, RR);
  const read = world.client.get(kinds.RemediationRequest, KEY);
  await world.clock.advance(2999);
  assert.equal(world.sent.length, 1);
  await world.clock.advance(1);
  assert.deepEqual(await read, RR);
  assert.equal(world.sent[1]?.deadlineMs, 7000);
});

test("a read does not wait beyond its deadline", async () => {
  world.answer(429, status(429, "TooManyRequests"), { "retry-after": "3" });
  await assert.rejects(world.client.get(kinds.RemediationRequest, KEY, { deadlineMs: 3000 }), (error) => isKubeError(error, "TooManyRequests") && error.retryAfterMs === 3000);
  assert.equal(world.clock.pendingTimers, 0);
});

test("a read whose connection broke is sent once more, not twice", async () => {
  world.fail(new KubeError("Unreachable", "reset"));
  world.answer(200, RR);
  assert.deepEqual(await run(world.client.get(kinds.RemediationRequest, KEY)), RR);
  world.fail(new KubeError("Unreachable", "reset"));
  world.fail(new KubeError("Unreachable", "reset again"));
  await assert.rejects(run(world.client.get(kinds.RemediationRequest, KEY)), /reset again/);
});

test("a read that was given up for its deadline is not begun again", async () => {
  world.script(async () => {
    await world.clock.sleep(10_000);
    throw new KubeError("Unreachable", "no answer within 10000 ms");
  });
  await assert.rejects(run(world.client.get(kinds.RemediationRequest, KEY), 10_000), /no answer within/);
  assert.equal(world.sent.length, 1);
});

test("a read that its caller gave up is not sent again", async () => {
  const stop = new AbortController();
  world.script(() => {
    stop.abort(new Error("enough"));
    throw new KubeError("Unreachable", "reset");
  });
  await assert.rejects(world.client.get(kinds.RemediationRequest, KEY, { signal: stop.signal }));
  assert.equal(world.sent.length, 1);
});

const writes: Readonly<Record<string, (client: KubeClient) => Promise<unknown>>> = {
  create: (client) => client.create(kinds.RemediationRequest, RR),
  replace: (client) => client.replace(kinds.RemediationRequest, RR),
  replaceStatus: (client) => client.replaceStatus(kinds.RemediationRequest, RR),
  patch: (client) => client.patch(kinds.RemediationRequest, KEY, { metadata: { uid: "u" } }),
  delete: (client) => client.delete(kinds.RemediationRequest, KEY, { uid: "u" }),
};
for (const [verb, write] of Object.entries(writes)) {
  test(`${verb} is sent once, whatever becomes of it`, async () => {
    // However long it is waited for: what is not over then never will be.
    const outcome = async (): Promise<unknown> => {
      const settled = write(world.client).then(() => "done", (error: unknown) => error);
      await world.clock.advance(60_000);
      return Promise.race([settled, Promise.resolve("under way")]);
    };
    world.fail(new KubeError("UnknownOutcome", "reset"));
    assert.ok(isKubeError(await outcome(), "UnknownOutcome"));
    world.fail(new KubeError("Unreachable", "refused"));
    assert.ok(isKubeError(await outcome(), "Unreachable"));
    world.answer(429, status(429, "TooManyRequests"), { "retry-after": "1" });
    const busy = await outcome();
    assert.ok(isKubeError(busy, "TooManyRequests") && busy.retryAfterMs === 1000);
    world.answer(500, status(500, "InternalError"));
    assert.ok(isKubeError(await outcome(), "ServerError"));
    assert.equal(world.sent.length, 4);
    assert.equal(world.clock.pendingTimers, 0);
  });
}

test("every request is told: verb, kind, status, how long it took; 0 when no answer came", async () => {
  world.script(async () => {
    await world.clock.sleep(40);
    return { status: 200, headers: {}, body: JSON.stringify(RR) };
  });
  await run(world.client.get(kinds.RemediationRequest, KEY), 40);
  world.fail(new KubeError("UnknownOutcome", "reset"));
  await world.client.create(kinds.RemediationRequest, RR).catch(() => undefined);
  world.answer(200, "");
  for await (const _ of world.client.watch(kinds.RemediationRequest, { resourceVersion: "5", timeoutSeconds: 300 }, { signal: new AbortController().signal })) assert.fail("nothing was told");
  assert.deepEqual(world.records, [
    { verb: "get", kind: "RemediationRequest", status: 200, durationMs: 40 },
    { verb: "create", kind: "RemediationRequest", status: 0, durationMs: 0 },
    { verb: "watch", kind: "RemediationRequest", status: 200, durationMs: 0 },
  ]);
});

/** Lets time pass while something waits. */
async function run<T>(doing: Promise<T>, durationMs = 0): Promise<T> {
  const [result] = await Promise.allSettled([doing, world.clock.advance(durationMs)]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
