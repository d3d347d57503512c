import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationPhase } from "../../../src/api/remediation-request.ts";
import type { ClaimState } from "../../../src/locking/index.ts";
import { stateOfClaim } from "../../../src/remediation/claims.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const holder = { namespace: NAMESPACE, name: "a", uid: "uid-a" };

async function stateWith(phase: RemediationPhase | undefined, execution?: "Running" | "Completed"): Promise<ClaimState> {
  const kube = new FakeKube();
  if (phase) kube.put(remediationRequest("a", { overallPhase: phase }));
  if (execution) kube.put(workflowExecution("a", { phase: execution }));
  return stateOfClaim(kube, holder, {});
}

describe("a claim", () => {
  it("is over when its remediation has ended, is verified or gone, and its execution has ended", async () => {
    for (const phase of ["Completed", "Verifying", "Blocked", undefined] as const) assert.equal(await stateWith(phase, "Completed"), "over");
  });

  it("is idle when its remediation needs none and no execution is there: a launch by an older view may be about to create one", async () => {
    for (const phase of ["Failed", "Blocked", undefined] as const) assert.equal(await stateWith(phase), "idle");
  });

  it("is needed while its remediation may launch, or its execution is not finished", async () => {
    assert.equal(await stateWith("Analyzing"), "needed");
    assert.equal(await stateWith("Executing", "Completed"), "needed");
    assert.equal(await stateWith("Failed", "Running"), "needed");
    assert.equal(await stateWith(undefined, "Running"), "needed");
  });
});
