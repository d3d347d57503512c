import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationPhase } from "../../../src/api/remediation-request.ts";
import { isClaimOver } from "../../../src/remediation/claims.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const holder = { namespace: NAMESPACE, name: "a", uid: "uid-a" };

async function isOver(phase: RemediationPhase | undefined, execution?: "Running" | "Completed"): Promise<boolean> {
  const kube = new FakeKube();
  if (phase) kube.put(remediationRequest("a", { overallPhase: phase }));
  if (execution) kube.put(workflowExecution("a", { phase: execution }));
  return isClaimOver(kube, holder, {});
}

describe("a claim", () => {
  it("is over when its remediation is gone or has ended, and its execution too", async () => {
    assert.equal(await isOver(undefined), true);
    assert.equal(await isOver("Failed"), true);
    assert.equal(await isOver("Completed", "Completed"), true);
  });

  it("is over while its remediation is verified or blocked: nothing is done under it", async () => {
    assert.equal(await isOver("Verifying", "Completed"), true);
    assert.equal(await isOver("Blocked"), true);
  });

  it("is not over while its remediation may launch, or its execution is not finished", async () => {
    assert.equal(await isOver("Analyzing"), false);
    assert.equal(await isOver("Executing", "Completed"), false);
    assert.equal(await isOver("Failed", "Running"), false);
    assert.equal(await isOver(undefined, "Running"), false);
  });
});
