import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../src/api/job.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import type { Change } from "../../e2e/follow.ts";
import { violationsIn, type Watched } from "../../e2e/invariants.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

function executing(name: string, uid = `uid-we-${name}`): RemediationRequest {
  return remediationRequest(name, { overallPhase: "Executing", phaseProgress: { workflowExecutionRef: { name: `we-${name}`, uid } } });
}

function pending(owner: string): WorkflowExecution {
  return workflowExecution(owner);
}

function running(owner: string): WorkflowExecution {
  return workflowExecution(owner, { phase: "Running", executionRef: { name: `wfe-${owner}`, uid: `uid-job-${owner}` } });
}

function ended(owner: string): WorkflowExecution {
  return workflowExecution(owner, { phase: "Completed", executionRef: { name: `wfe-${owner}`, uid: `uid-job-${owner}` } });
}

function job(owner: string, state: "suspended" | "active" | "complete", uid = `uid-job-${owner}`): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: `wfe-${owner}`, namespace: "ns", uid, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ownerReferences: [{ apiVersion: "kubernaut.ai/v1alpha1", kind: "WorkflowExecution", name: `we-${owner}`, uid: `uid-we-${owner}`, controller: true }] },
    spec: { suspend: state === "suspended", template: { spec: { containers: [{ name: "workflow", env: [{ name: "RO_RUN_ID", value: `uid-${owner}` }, { name: "RO_TARGET", value: "shop/Deployment/checkout" }] }] } } },
    ...(state === "complete" ? { status: { conditions: [{ type: "Complete", status: "True" }] } } : {}),
  };
}

/** In this order, at versions 1, 2, 3 ... */
function told(...objects: readonly Watched[]): readonly Change<Watched>[] {
  return objects.map((object, at) => ({ type: "MODIFIED", version: at + 1, atMs: at, object }));
}

function broken(changes: readonly Change<Watched>[]): readonly string[] {
  return violationsIn(changes).map(({ invariant }) => invariant);
}

const WHOLE_LAUNCH = [executing("a"), pending("a"), job("a", "suspended"), running("a"), job("a", "active"), job("a", "complete"), ended("a")];

describe("the judge of what the watch has shown", () => {
  it("finds nothing in a launch as it should be, and in the next one after it", () => {
    assert.deepEqual(broken(told(...WHOLE_LAUNCH, executing("b"), pending("b"), job("b", "suspended"), running("b"), job("b", "active"))), []);
  });

  it("sees two executions Running on one target (I1)", () => {
    assert.deepEqual(broken(told(executing("a"), running("a"), executing("b"), running("b"))), ["I1"]);
  });

  it("sees two Jobs at work on one target (I2)", () => {
    assert.deepEqual(broken(told(executing("a"), running("a"), job("a", "active"), executing("b"), running("b"), job("b", "active"))), ["I1", "I2"]);
  });

  it("sees a Job at work before its execution is Running, and one that works on after it (I3)", () => {
    assert.deepEqual(broken(told(executing("a"), pending("a"), job("a", "active"))), ["I3"]);
    assert.deepEqual(broken(told(executing("a"), running("a"), job("a", "active"), ended("a"))), ["I3"]);
  });

  it("sees a Job at work that its Running execution does not name (I3)", () => {
    assert.deepEqual(broken(told(executing("a"), running("a"), job("a", "active", "uid-of-another-job"))), ["I3"]);
  });

  it("sees a RemediationRequest that resumes a second Job, long after the first (I4)", () => {
    const second = { ...job("a", "active", "uid-job-second"), metadata: { ...job("a", "active").metadata, uid: "uid-job-second" } };
    const runningAgain = workflowExecution("a", { phase: "Running", executionRef: { name: "wfe-a", uid: "uid-job-second" } });
    assert.deepEqual(broken(told(...WHOLE_LAUNCH, runningAgain, second)), ["I4"]);
  });

  it("sees a Running execution whose RemediationRequest says something else (I5)", () => {
    assert.deepEqual(broken(told(remediationRequest("a", { overallPhase: "Blocked" }), running("a"))), ["I5"]);
    assert.deepEqual(broken(told(executing("a", "uid-of-another"), running("a"))), ["I5"]);
  });

  it("lets a Running execution be whose RemediationRequest has ended or is gone", () => {
    const deleted: Change<Watched> = { type: "DELETED", version: 3, atMs: 3, object: executing("a") };
    assert.deepEqual(broken([...told(executing("a"), running("a")), deleted]), []);
    assert.deepEqual(broken(told(executing("a"), running("a"), remediationRequest("a", { overallPhase: "TimedOut" }))), []);
  });

  it("puts what several streams told into the API server's order before it judges", () => {
    assert.deepEqual(broken(told(...WHOLE_LAUNCH).toReversed()), []);
  });

  it("tells each violation once, however long it lasts", () => {
    assert.equal(broken(told(executing("a"), running("a"), executing("b"), running("b"), running("b"), running("a"))).length, 1);
  });
});
