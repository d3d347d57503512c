import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { abortScope } from "../../../src/lib/abort-scope.ts";
import { backoffDelayMs, jittered } from "../../../src/lib/backoff.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";

describe("the fake clock", () => {
  it("fires timers in order of their time, then of their making, and only as far as it is moved", async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    clock.timer(20, () => fired.push("late"));
    clock.timer(10, () => fired.push("first"));
    clock.timer(10, () => fired.push("second"));
    await clock.advance(19);
    assert.deepEqual(fired, ["first", "second"]);
    await clock.advance(1);
    assert.deepEqual(fired, ["first", "second", "late"]);
  });

  it("runs what a timer sets off before time goes on", async () => {
    const clock = new FakeClock();
    const at: number[] = [];
    const run = async (): Promise<void> => {
      await clock.sleep(10);
      at.push(clock.monotonic());
      await clock.sleep(10);
      at.push(clock.monotonic());
    };
    const running = run();
    await clock.advance(100);
    await running;
    assert.deepEqual(at, [10, 20]);
  });

  it("moves the wall alone when the wall jumps", () => {
    const clock = new FakeClock(1000);
    clock.jumpWall(-500);
    assert.deepEqual([clock.now(), clock.monotonic()], [500, 0]);
  });

  it("ends a sleep with its signal's reason, and leaves no timer", async () => {
    const clock = new FakeClock();
    const end = new AbortController();
    const sleeping = clock.sleep(1000, { signal: end.signal });
    end.abort(new Error("enough"));
    await assert.rejects(sleeping, /enough/);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe("the system clock", () => {
  it("does not fire at once what is further away than Node's timers reach", async () => {
    let fired = false;
    const timer = systemClock.timer(2 ** 40, () => {
      fired = true;
    });
    await systemClock.sleep(5);
    timer.cancel();
    assert.equal(fired, false);
  });
});

describe("an abort scope", () => {
  it("follows its parent, and the parent not it", () => {
    const parent = new AbortController();
    const child = abortScope(parent.signal);
    const other = abortScope(parent.signal);
    child.abort("mine");
    assert.equal(parent.signal.aborted, false);
    parent.abort("all");
    assert.deepEqual([child.signal.reason, other.signal.reason], ["mine", "all"]);
  });

  it("is aborted from the start where its parent is", () => {
    assert.equal(abortScope(AbortSignal.abort("gone")).signal.reason, "gone");
  });

  it("lets go of a parent that lives on", (t) => {
    const parent = new AbortController();
    const added = t.mock.method(parent.signal, "addEventListener");
    const removed = t.mock.method(parent.signal, "removeEventListener");
    for (let at = 0; at < 100; at++) abortScope(parent.signal)[Symbol.dispose]();
    assert.equal(added.mock.callCount(), 100);
    assert.deepEqual(removed.mock.calls.map((call) => call.arguments[1]), added.mock.calls.map((call) => call.arguments[1]));
  });
});

describe("a backoff", () => {
  it("doubles up to its limit, and spreads by its jitter", () => {
    const policy = { baseMs: 100, maxMs: 1000, factor: 2, jitter: 0.5 };
    const plain = { ...policy, jitter: 0 };
    assert.deepEqual([1, 2, 3, 4, 5, 60].map((failures) => backoffDelayMs(plain, failures, () => 0)), [100, 200, 400, 800, 1000, 1000]);
    assert.deepEqual([backoffDelayMs(policy, 1, () => 0), backoffDelayMs(policy, 1, () => 0.5)], [50, 100]);
    assert.equal(jittered(100, 0.1, () => 0), 90);
  });
});
