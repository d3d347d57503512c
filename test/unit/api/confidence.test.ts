import assert from "node:assert/strict";
import { it } from "node:test";
import { confidenceLevel } from "../../../src/api/remediation-approval-request.ts";

it("confidence below 0.6 is low, below 0.8 medium, else high", () => {
  assert.deepEqual([0, 0.59, 0.6, 0.79, 0.8, 1].map(confidenceLevel), ["low", "low", "medium", "medium", "high", "high"]);
});
