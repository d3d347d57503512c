import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationPhase } from "../../../src/api/remediation-request.ts";
import { admissionOf } from "../../../src/workers/execution/gate.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

const execution = workflowExecution("a");
const naming = (uid: string | undefined) => ({ phaseProgress: { workflowExecutionRef: { name: "we-a", ...(uid ? { uid } : {}) } } });

describe("the gate in front of a Pending execution (safety protocol, step 5)", () => {
  it("opens for the execution that its owner names by uid", () => {
    assert.deepEqual(admissionOf(execution, remediationRequest("a", { overallPhase: "Executing", ...naming(execution.metadata.uid) })), { kind: "open" });
  });

  it("refuses an execution of the same name with another uid (Z5)", () => {
    assert.equal(admissionOf(execution, remediationRequest("a", { overallPhase: "Executing", ...naming("uid-of-another") })).kind, "refuse");
  });

  it("waits for the uid where another orchestrator named it without one", () => {
    assert.equal(admissionOf(execution, remediationRequest("a", { overallPhase: "Executing", ...naming(undefined) })).kind, "wait");
  });

  it("refuses when the owner is gone, or another one has its name (Z5)", () => {
    assert.equal(admissionOf(execution, undefined).kind, "refuse");
    const reborn = remediationRequest("a", { overallPhase: "Executing", ...naming(execution.metadata.uid) }, { meta: { uid: "uid-of-the-next" } });
    assert.equal(admissionOf(execution, reborn).kind, "refuse");
  });

  it("refuses when the owner is Blocked, so that two can not wait for each other (Z6)", () => {
    assert.equal(admissionOf(execution, remediationRequest("a", { overallPhase: "Blocked" })).kind, "refuse");
  });

  const before: readonly (RemediationPhase | undefined)[] = [undefined, "Pending", "Processing", "Analyzing", "AwaitingApproval"];
  for (const phase of before) {
    it(`waits while the owner is ${phase ?? "new"}`, () => {
      assert.equal(admissionOf(execution, remediationRequest("a", phase ? { overallPhase: phase } : undefined)).kind, "wait");
    });
  }

  const after: readonly RemediationPhase[] = ["Verifying", "Completed", "Failed", "TimedOut", "Skipped", "Cancelled"];
  for (const phase of after) {
    it(`refuses once the owner is ${phase}`, () => {
      assert.equal(admissionOf(execution, remediationRequest("a", { overallPhase: phase, ...naming(execution.metadata.uid) })).kind, "refuse");
    });
  }
});
