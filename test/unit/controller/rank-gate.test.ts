import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createRankGate } from "../../../src/controller/rank-gate.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";

function setUp(delays: Record<string, number>) {
  const clock = new FakeClock();
  const versions: Record<string, string> = {};
  const passed: string[] = [];
  const listeners = new Set<() => void>();
  const gate = createRankGate({
    clock,
    ranking: { delayMs: (target) => delays[target] ?? 0, subscribe: (listener) => (listeners.add(listener), () => void listeners.delete(listener)) },
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
