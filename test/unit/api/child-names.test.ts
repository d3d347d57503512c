import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  aiAnalysisName,
  approvalRequestName,
  effectivenessAssessmentName,
  notificationRequestName,
  signalProcessingName,
  workflowExecutionName,
} from "../../../src/api/child-names.ts";

const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe("names of children", () => {
  const all = [signalProcessingName, aiAnalysisName, approvalRequestName, workflowExecutionName, effectivenessAssessmentName, (rr: string) => notificationRequestName("manual-review", rr)];

  it("are a prefix and the RemediationRequest's name", () => {
    assert.deepEqual(
      all.map((name) => name("rr-a")),
      ["sp-rr-a", "ai-rr-a", "rar-rr-a", "we-rr-a", "ea-rr-a", "nr-manual-review-rr-a"],
    );
  });

  it("a notification's reason is put in lower case and into the letters of a name", () => {
    assert.equal(notificationRequestName("block-ResourceBusy", "rr-b"), "nr-block-resourcebusy-rr-b");
    assert.equal(notificationRequestName("_Timed out!", "rr-b"), "nr-timed-out-rr-b");
  });

  it("are valid and at most 253 characters long for every valid name of a RemediationRequest", () => {
    for (let length = 200; length <= 253; length++) {
      for (const request of ["a".repeat(length), `${"a.b-c".repeat(60).slice(0, length - 1)}z`]) {
        for (const name of all) {
          assert.ok(name(request).length <= 253, name(request));
          assert.match(name(request), DNS_SUBDOMAIN);
        }
      }
    }
  });

  it("of two long names that differ only at their ends differ", () => {
    const request = "a".repeat(252);
    for (const name of all) assert.notEqual(name(`${request}x`), name(`${request}y`));
  });

  it("stay the same from version to version, also long ones", () => {
    assert.equal(workflowExecutionName("a".repeat(253)), `we-${"a".repeat(233)}-8e8f6581e0ff9e30`);
  });
});
