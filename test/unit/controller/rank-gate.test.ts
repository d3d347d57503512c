import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRankGate } from "../../../src/controller/rank-gate.ts";
import type { Clock } from "../../../src/lib/clock.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";

function setUp(delays: Record<string, number>, earlyMs = 0) {
  const clock = new FakeClock();
  const timer: Clock["timer"] = (delayMs, fire) => clock.timer(delayMs - earlyMs, fire);
  const versions: Record<string, string> = {};
  const passed: string[] = [];
  const listeners = new Set<() => void>();
  const gate = createRankGate({
    clock: { now: () => clock.now(), monotonic: () => clock.monotonic(), timer, sleep: (delayMs, options) => clock.sleep(delayMs, options) },
    ranking: { delayMs: (target) => delays[target] ?? 0, limitMs: 900, subscribe: (listener) => (listeners.add(listener), () => void listeners.delete(listener)) },
    targetOf: (key) => key,
    versionOf: (key) => versions[key] ?? "1",
    pass: (key) => void passed.push(key),
  });
  return { clock, gate, passed, versions, ranksChanged: () => listeners.forEach((listener) => listener()) };
}

describe("the rank gate", () => {
  it("lets rank 0 act at once", () => {
    const { gate, clock } = setUp({});
    assert.equal(gate.admit("a"), true);
    assert.equal(clock.pendingTimers, 0);
  });

  it("holds rank 1 for its delay and lets it act when nothing moved: a dead rank 0 costs 300 ms", async () => {
    const { gate, clock, passed } = setUp({ a: 300 });
    assert.equal(gate.admit("a"), false);
    await clock.advance(299);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ["a"]);
    assert.equal(gate.admit("a"), true);
  });

  it("begins anew when the key moved meanwhile: somebody nearer is at work", async () => {
    const { gate, clock, passed, versions } = setUp({ a: 300 });
    gate.admit("a");
    await clock.advance(200);
    versions["a"] = "2";
    assert.equal(gate.admit("a"), false);
    await clock.advance(299);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ["a"]);
  });

  it("parks once more a key that moved between its time being up and its turn", async () => {
    const { gate, clock, versions } = setUp({ a: 300 });
    gate.admit("a");
    await clock.advance(300);
    versions["a"] = "2";
    assert.equal(gate.admit("a"), false);
    assert.equal(clock.pendingTimers, 1);
  });

  it("keeps the first timer for a key that comes again unmoved", async () => {
    const { gate, clock, passed } = setUp({ a: 300 });
    gate.admit("a");
    await clock.advance(250);
    gate.admit("a");
    await clock.advance(50);
    assert.deepEqual(passed, ["a"]);
  });

  it("lets a key act once its limit is over, however often it moves: somebody's heartbeats keep nobody waiting for ever", async () => {
    const { gate, clock, versions } = setUp({ a: 300 });
    const acts: number[] = [];
    for (let at = 0; at <= 2000; at += 100) {
      versions["a"] = String(at);
      if (gate.admit("a")) acts.push(at);
      await clock.advance(100);
    }
    assert.deepEqual(acts, [900, 1900], "and a new wait begins with the next look");
  });

  it("lets a key act that moved between its limit being over and its turn", async () => {
    const { gate, clock, versions, passed } = setUp({ a: 600 });
    gate.admit("a");
    await clock.advance(500);
    versions["a"] = "2";
    gate.admit("a");
    await clock.advance(400);
    assert.deepEqual(passed, ["a"]);
    versions["a"] = "3";
    assert.equal(gate.admit("a"), true);
    assert.equal(clock.pendingTimers, 0);
  });

  it("does not begin anew when the ranks change: members that come and go keep nobody waiting", async () => {
    const delays: Record<string, number> = { a: 600 };
    const { gate, clock } = setUp(delays);
    const acts: number[] = [];
    for (let at = 0; at <= 800 && acts.length === 0; at += 100) {
      delays["a"] = at % 200 === 0 ? 600 : 700;
      if (gate.admit("a")) acts.push(at);
      await clock.advance(100);
    }
    assert.deepEqual(acts, [600]);
  });

  it("counts what a key has waited already when a better place becomes free", async () => {
    const delays: Record<string, number> = { a: 600, b: 600 };
    const { gate, clock, passed, ranksChanged } = setUp(delays);
    gate.admit("a");
    gate.admit("b");
    await clock.advance(200);
    delays["a"] = 300;
    delays["b"] = 150;
    ranksChanged();
    assert.equal(gate.admit("a"), false);
    assert.equal(gate.admit("b"), true);
    passed.length = 0;
    await clock.advance(99);
    assert.deepEqual(passed, []);
    await clock.advance(1);
    assert.deepEqual(passed, ["a"]);
    assert.equal(gate.admit("a"), true);
  });

  it("lets a key act whose timer fired a little early: clocks and timers need not agree", async () => {
    const { gate, clock, passed } = setUp({ a: 300 }, 0.5);
    gate.admit("a");
    await clock.advance(299.5);
    assert.deepEqual(passed, ["a"]);
    assert.equal(gate.admit("a"), true);
  });

  it("brings every parked key back when the ranks change, and lets it act if it is first now", () => {
    const delays: Record<string, number> = { a: 300, b: 600 };
    const { gate, passed, ranksChanged, clock } = setUp(delays);
    gate.admit("a");
    gate.admit("b");
    delays["a"] = 0;
    ranksChanged();
    assert.deepEqual(passed, ["a", "b"]);
    assert.equal(gate.admit("a"), true);
    assert.equal(gate.admit("b"), false);
    assert.equal(clock.pendingTimers, 1, "b keeps its place");
  });

  it("leaves no timer when it is closed", () => {
    const { gate, clock } = setUp({ a: 300 });
    gate.admit("a");
    gate.close();
    assert.equal(clock.pendingTimers, 0);
  });
});
