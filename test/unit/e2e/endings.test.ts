import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationRequest, RemediationRequestStatus } from "../../../src/api/remediation-request.ts";
import { untrueEndings } from "../../e2e/endings.ts";
import { remediationRequest } from "../../support/builders.ts";

/** The Jobs that ran to their end, by whom they ran for. */
function untrue(requests: readonly RemediationRequest[], jobs: Readonly<Record<string, readonly string[]>>) {
  const toTheEnd = new Map(Object.entries(jobs).map(([name, those]) => [`uid-${name}`, new Set(those)]));
  return untrueEndings(new Map(requests.map((request) => [request.metadata.name, request])), { toTheEnd });
}

function completed(name: string, outcome: "Remediated" | "Inconclusive" | "VerificationTimedOut" | "NoActionRequired" = "Remediated", status: RemediationRequestStatus = {}): RemediationRequest {
  return remediationRequest(name, { ...status, overallPhase: "Completed", completionStatus: { outcome } });
}

function coveredBy(leader: string, name: string): RemediationRequest {
  return completed(name, "Remediated", { routingStatus: { deduplicatedByWE: `we-${leader}`, duplicateOf: leader } });
}

const ALL_TRUE = { remediated: [], otherwise: [] };

describe("the ends of requests are held against the ledger", () => {
  it("Remediated is true of one whose workflow ran to its end once", () => {
    assert.deepEqual(untrue([completed("a")], { a: ["wfe-a"] }), ALL_TRUE);
  });

  it("Remediated is untrue of one whose workflow never ran to its end, and of one for which two did", () => {
    assert.deepEqual(untrue([completed("a")], {}).remediated, ["a is Remediated, and its workflow ran to its end 0 times"]);
    assert.deepEqual(untrue([completed("a")], { a: ["wfe-a", "wfe-b"] }).remediated, ["a is Remediated, and its workflow ran to its end 2 times"]);
  });

  it("another one's workflow does not make it true, unless the request says that this cured it", () => {
    assert.equal(untrue([completed("a"), completed("b")], { b: ["wfe-b"] }).remediated.length, 1);
    assert.deepEqual(untrue([coveredBy("b", "a"), completed("b")], { b: ["wfe-b"] }), ALL_TRUE);
  });

  it("cured by another's workflow is untrue where that one did not run, is not there, or its own ran as well", () => {
    assert.equal(untrue([coveredBy("b", "a")], {}).remediated.length, 1);
    assert.equal(untrue([coveredBy("b", "a"), remediationRequest("b", { overallPhase: "Executing" })], {}).remediated.length, 1);
    assert.equal(untrue([coveredBy("b", "a"), completed("b")], { a: ["wfe-a"], b: ["wfe-b"] }).remediated.length, 1);
  });

  it("an end without success is true of one whose workflow did not run to its end", () => {
    assert.deepEqual(untrue([remediationRequest("a", { overallPhase: "Failed" }), remediationRequest("b", { overallPhase: "TimedOut" })], {}), ALL_TRUE);
  });

  it("an end without success is untrue of one whose workflow ran to its end, whatever the end is called", () => {
    for (const overallPhase of ["Failed", "TimedOut", "Cancelled", "Skipped"] as const) {
      assert.equal(untrue([remediationRequest("a", { overallPhase })], { a: ["wfe-a"] }).otherwise.length, 1, overallPhase);
    }
    assert.equal(untrue([completed("a", "NoActionRequired")], { a: ["wfe-a"] }).otherwise.length, 1);
  });

  it("those that are untrue in the same way are told together, with the name of one", () => {
    const late = (name: string) => remediationRequest(name, { overallPhase: "TimedOut", message: `${name}-1 took too long` });
    const lines = untrue([late("one"), late("two"), remediationRequest("three", { overallPhase: "Failed" })], { one: ["wfe-1"], two: ["wfe-2"], three: ["wfe-3"] }).otherwise;
    assert.deepEqual(lines, ["2 ended TimedOut, though the workflow ran to its end: <name>-1 took too long (one)", "1 ended Failed, though the workflow ran to its end:  (three)"]);
  });

  it("a cure that could not be confirmed contradicts no workflow that ran", () => {
    assert.deepEqual(untrue([completed("a", "Inconclusive"), completed("b", "VerificationTimedOut")], { a: ["wfe-a"], b: ["wfe-b"] }), ALL_TRUE);
  });

  it("what has not ended says nothing yet", () => {
    assert.deepEqual(untrue([remediationRequest("a", { overallPhase: "Verifying" })], { a: ["wfe-a"] }), ALL_TRUE);
  });
});
