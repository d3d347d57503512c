import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Event } from "../../../src/api/event.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationPhase } from "../../../src/api/remediation-request.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createEventRecorder, eventFor } from "../../../src/remediation/event-recorder.ts";
import type { AppliedStep } from "../../../src/remediation/observers.ts";
import { remediationRequest } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const step = (from: RemediationPhase | undefined, to: RemediationPhase, name = "a"): AppliedStep => ({
  before: remediationRequest(name, from ? { overallPhase: from } : undefined),
  after: remediationRequest(name, { overallPhase: to }),
  reason: to,
  message: `It is ${to}.`,
  atMs: Date.UTC(2026, 0, 1),
});

describe("the Event of a burst of steps", () => {
  it("names every phase passed through and tells the last one", () => {
    const event = eventFor([step(undefined, "Processing"), step("Processing", "Analyzing"), step("Analyzing", "Executing")], "replica");
    assert.equal(event?.message, "New -> Processing -> Analyzing -> Executing: It is Executing.");
    assert.equal(event?.reason, "Executing");
    assert.equal(event?.type, "Normal");
  });

  it("is a warning where a remediation failed", () => {
    assert.equal(eventFor([step("Executing", "Failed")], "replica")?.type, "Warning");
  });
});

describe("the event recorder", () => {
  function recorder() {
    const clock = new FakeClock();
    const kube = new FakeKube(() => clock.now());
    const events = async (): Promise<readonly Event[]> => (await kube.list(kinds.Event)).items;
    return { clock, events, recorder: createEventRecorder({ writer: kube, clock, log: silentLogger, identity: "replica", coalesceMs: 500 }) };
  }

  it("writes one Event for steps within the span, and another one for a later step", async () => {
    const { clock, events, recorder: recorded } = recorder();
    recorded.observe(step(undefined, "Processing"));
    await clock.advance(499);
    recorded.observe(step("Processing", "Analyzing"));
    assert.deepEqual(await events(), []);
    await clock.advance(1);
    assert.equal((await events()).length, 1);
    recorded.observe(step("Analyzing", "Executing"));
    await clock.advance(500);
    assert.equal((await events()).length, 2);
    assert.equal(clock.pendingTimers, 0);
  });

  it("keeps the steps of different objects apart, and writes what it holds when it is flushed", async () => {
    const { clock, events, recorder: recorded } = recorder();
    recorded.observe(step(undefined, "Processing", "a"));
    recorded.observe(step(undefined, "Processing", "b"));
    await recorded.flush();
    assert.deepEqual((await events()).map(({ involvedObject }) => involvedObject.name ?? "").toSorted((a, b) => a.localeCompare(b)), ["a", "b"]);
    assert.equal(clock.pendingTimers, 0);
  });

  it("does not fail anybody when an Event can not be written", async () => {
    const clock = new FakeClock();
    const writer = Object.assign(new FakeKube(), { create: () => Promise.reject(new Error("no")) });
    const recorded = createEventRecorder({ writer, clock, log: silentLogger, identity: "replica", coalesceMs: 500 });
    recorded.observe(step(undefined, "Processing"));
    await recorded.flush();
  });
});
