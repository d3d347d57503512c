import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { createInstruments } from "../../../src/metrics/instruments.ts";
import { countSteps } from "../../../src/remediation/observers.ts";
import { remediationRequest } from "../../support/builders.ts";

const naming = (overallPhase: "Analyzing" | "Executing" | "Blocked" | "Completed", uid?: string): RemediationRequest =>
  remediationRequest("a", { overallPhase, ...(uid ? { phaseProgress: { workflowExecutionRef: { name: "we-a", uid } } } : {}) });

describe("the count of executions that were fenced", () => {
  const cases: readonly (readonly [what: string, before: RemediationRequest, after: RemediationRequest, counted: number])[] = [
    ["one that its owner had named", naming("Executing", "first"), naming("Blocked", "first"), 1],
    ["one that its owner had not named yet", naming("Analyzing"), naming("Blocked", "first"), 1],
    ["a second one of the same owner", naming("Analyzing", "first"), naming("Blocked", "second"), 1],
    ["none where the target is only busy", naming("Analyzing"), naming("Blocked"), 0],
    ["none where the target is busy again", naming("Analyzing", "first"), naming("Blocked", "first"), 0],
    ["none where it goes on", naming("Executing", "first"), naming("Completed", "first"), 0],
  ];
  for (const [what, before, after, counted] of cases) {
    it(`has ${what}`, async () => {
      const instruments = createInstruments();
      countSteps(instruments)({ before, after, reason: "", message: "", atMs: 0 });
      assert.equal((await instruments.fenced.get()).values[0]?.value, counted);
    });
  }
});
