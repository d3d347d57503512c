import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { leaseName } from "../../../src/locking/lease-name.ts";
import { NAMESPACE } from "../../support/builders.ts";
import { analyzing, MINUTE_MS, stage, TARGET } from "./stage.ts";

describe("the limits of phases", () => {
  it("do not count while somebody else holds the target's lock (Z27)", async () => {
    const { kube, clock, look } = await stage(analyzing);
    await kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: leaseName(TARGET), namespace: NAMESPACE }, spec: { holderIdentity: `rr/${NAMESPACE}/b/uid-b` } });
    await clock.advance(60 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "Analyzing");
  });

  it("end an analysis that does not come to its end", async () => {
    const { clock, look } = await stage(analyzing, { analysis: "under way" });
    await clock.advance(9 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "Analyzing");
    await clock.advance(2 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });

  it("are those that an operator has set on the remediation, for its workflow too", async () => {
    const { kube, look } = await stage({ ...analyzing, timeoutConfig: { executing: "2h0m0s" } });
    await look();
    assert.equal((await kube.list(kinds.WorkflowExecution)).items[0]?.spec.timesOutAt, "2026-01-01T02:00:00.000Z");
  });

  it("leave the end of a workflow to the executor first, which knows whether it had finished", async () => {
    const { clock, look } = await stage(analyzing);
    await look();
    await clock.advance(30 * MINUTE_MS + 30_000);
    assert.equal((await look()).status?.overallPhase, "Executing");
    await clock.advance(MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });

  it("make a remediation TimedOut whose workflow was stopped at its limit", async () => {
    const { kube, look } = await stage(analyzing);
    await look();
    const [execution] = (await kube.list(kinds.WorkflowExecution)).items;
    assert.ok(execution);
    const failureDetails = { failedTaskIndex: 0, failedTaskName: "x", reason: "DeadlineExceeded", message: "too long", failedAt: "", naturalLanguageSummary: "" } as const;
    await kube.replaceStatus(kinds.WorkflowExecution, { ...execution, status: { phase: "Failed", failureDetails } });
    const { status } = await look();
    assert.deepEqual([status?.overallPhase, status?.completionStatus?.timeoutPhase], ["TimedOut", "Executing"]);
  });

  it("give a verification that has no deadline one, and end it then", async () => {
    const { clock, look } = await stage({ overallPhase: "Verifying" });
    assert.equal((await look()).status?.phaseProgress?.verificationDeadline, "2026-01-01T00:30:00Z");
    await clock.advance(31 * MINUTE_MS);
    assert.equal((await look()).status?.completionStatus?.outcome, "VerificationTimedOut");
  });

  it("end an approval that nobody gives", async () => {
    const condition = { type: "ApprovalPending", status: "True", reason: "x", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
    const { clock, look } = await stage({ overallPhase: "AwaitingApproval", conditions: [condition] });
    await clock.advance(14 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "AwaitingApproval");
    await clock.advance(2 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });
});
