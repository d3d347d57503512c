import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isTerminalPhase } from "../../../src/api/phase.ts";
import { isFenced, isTerminalExecution, phaseOfExecution, type WorkflowExecution, type WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";

describe("phases", () => {
  it("Completed, Failed, TimedOut, Skipped and Cancelled are final, the absent and an unknown phase are not", () => {
    for (const phase of ["Completed", "Failed", "TimedOut", "Skipped", "Cancelled"] as const) assert.equal(isTerminalPhase(phase), true, phase);
    for (const phase of ["Pending", "Blocked", "Verifying", "Running", "", undefined] as const) assert.equal(isTerminalPhase(phase), false, phase);
  });

  it("a WorkflowExecution without a phase is Pending", () => {
    assert.equal(phaseOfExecution(execution()), "Pending");
    assert.equal(phaseOfExecution(execution({})), "Pending");
    assert.equal(phaseOfExecution(execution({ phase: "Running" })), "Running");
  });

  it("only Completed and Failed end a WorkflowExecution", () => {
    const ended = (["Pending", "Running", "Completed", "Failed"] as const).map((phase) => isTerminalExecution(execution({ phase })));
    assert.deepEqual(ended, [false, false, true, true]);
  });

  it("a WorkflowExecution is fenced when it failed as Deduplicated, not when it failed otherwise", () => {
    assert.equal(isFenced(execution(failure("Deduplicated"))), true);
    assert.equal(isFenced(execution(failure("TaskFailed"))), false);
    assert.equal(isFenced(execution({ phase: "Running" })), false);
  });
});

function execution(status?: WorkflowExecutionStatus): WorkflowExecution {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "WorkflowExecution",
    metadata: { name: "we-rr-a", namespace: "kubernaut-system", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      remediationRequestRef: { name: "rr-a" },
      targetResource: "shop/Deployment/checkout",
      workflowRef: { workflowId: "w", workflowName: "restart", actionType: "RestartDeployment", version: "1.0.0", executionBundle: "b" },
    },
    ...(status ? { status } : {}),
  };
}

function failure(reason: "Deduplicated" | "TaskFailed"): WorkflowExecutionStatus {
  const failureDetails = { reason, failedTaskIndex: 0, failedTaskName: "run", message: "m", failedAt: "2026-01-01T00:00:00Z", naturalLanguageSummary: "s" };
  return { phase: "Failed", failureDetails };
}
