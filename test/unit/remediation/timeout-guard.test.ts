import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { wait } from "../../../src/remediation/phases/outcome.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { seconds } from "../../../src/remediation/status.ts";
import { createTimeoutGuard } from "../../../src/remediation/timeout-guard.ts";
import { remediationRequest } from "../../support/builders.ts";

const MINUTE_MS = 60_000;
const clock = new FakeClock();
const guard = createTimeoutGuard({ clock, settings: defaultSettings });
const analysing = (forMs: number): RemediationRequest => remediationRequest("a", { overallPhase: "Analyzing", phaseProgress: { analyzingStartTime: seconds(clock.now() - forMs) } });

describe("the guard of a phase's limit", () => {
  it("ends a wait that has lasted too long", () => {
    const outcome = guard(analysing(11 * MINUTE_MS), wait(1000));
    assert.equal(outcome.kind === "move" && outcome.to, "TimedOut");
  });

  it("wakes a wait that would overlook the limit", () => {
    assert.deepEqual(guard(analysing(9 * MINUTE_MS), wait(5 * MINUTE_MS)), wait(MINUTE_MS));
    assert.deepEqual(guard(analysing(0), wait(1000)), wait(1000));
  });

  it("lets what has finished win over a limit that has passed", () => {
    const finished = { kind: "move", to: "Completed", status: {}, reason: "NoActionRequired", message: "" } as const;
    assert.equal(guard(analysing(11 * MINUTE_MS), finished), finished);
  });

  it("sets no limit to a block", () => {
    const blocked = remediationRequest("a", { overallPhase: "Blocked", phaseProgress: { analyzingStartTime: seconds(0) } });
    assert.deepEqual(guard(blocked, wait(1000)), wait(1000));
  });
});
