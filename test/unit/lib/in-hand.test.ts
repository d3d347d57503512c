import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { InHand } from "../../../src/lib/in-hand.ts";
import { unlessAborted } from "../../../src/lib/unless-aborted.ts";

describe("what is in hand", () => {
  it("is there under its name until it has ended, however it ends", async () => {
    const inHand = new InHand();
    const first = Promise.withResolvers<number>();
    const second = Promise.withResolvers<number>();
    const works = [inHand.during("a", () => first.promise), inHand.during("b", () => second.promise), inHand.during("a", () => second.promise)];
    assert.deepEqual(inHand.names, ["a", "b"]);
    first.resolve(1);
    assert.equal(await works[0], 1);
    assert.deepEqual(inHand.names, ["a", "b"], "the other one of that name is not over");
    second.reject(new Error("it failed"));
    assert.deepEqual((await Promise.allSettled(works)).map(({ status }) => status), ["fulfilled", "rejected", "rejected"]);
    assert.deepEqual(inHand.names, []);
  });
});

describe("work that may be given up", () => {
  it("comes to what it comes to while nobody aborts", async () => {
    const { signal } = new AbortController();
    assert.equal(await unlessAborted(Promise.resolve(1), signal), 1);
    assert.equal(await unlessAborted(Promise.resolve(1), undefined), 1);
    await assert.rejects(unlessAborted(Promise.reject(new Error("it failed")), signal), /it failed/);
  });

  it("rejects with the signal's reason at once, also when that came first", async () => {
    const never = new Promise<never>(() => undefined);
    const controller = new AbortController();
    const given = unlessAborted(never, controller.signal);
    controller.abort(new Error("told to end"));
    await assert.rejects(given, /told to end/);
    await assert.rejects(unlessAborted(never, controller.signal), /told to end/);
  });

  it("may fail afterwards, and nobody is told", async () => {
    const late = Promise.withResolvers<never>();
    const controller = new AbortController();
    const given = unlessAborted(late.promise, controller.signal);
    controller.abort(new Error("told to end"));
    late.reject(new Error("too late"));
    await assert.rejects(given, /told to end/);
  });
});
