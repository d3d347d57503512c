import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../src/api/job.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { locksAmong, restless } from "../../e2e/left-over.ts";
import { claimLease, remediationRequest, workflowExecution } from "../../support/builders.ts";

const PROTECTION = "kubernaut.ai/workflow-execution-protection";

function job(suspend: boolean, condition?: "Complete" | "Failed"): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "wfe-a", uid: "uid-a", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { suspend, template: { spec: { restartPolicy: "Never", containers: [] } } },
    ...(condition ? { status: { conditions: [{ type: condition, status: "True" }] } } : {}),
  };
}

function lease(name: string, labels: Readonly<Record<string, string>> = {}): Lease {
  const { spec = {}, metadata, ...rest } = claimLease("a");
  return { ...rest, metadata: { ...metadata, name, labels }, spec };
}

describe("what is left over", () => {
  it("nothing of launches that have ended", () => {
    const ended = [remediationRequest("a", { overallPhase: "Completed" }), workflowExecution("a", { phase: "Completed" }), workflowExecution("b", { phase: "Failed" }), job(false, "Complete"), job(false, "Failed")];
    assert.deepEqual(restless(ended), []);
  });

  it("a Job that runs, and one that is suspended and that nobody will start", () => {
    assert.deepEqual(restless([job(false)]), ["Job wfe-a, at work"]);
    assert.deepEqual(restless([job(true)]), ["Job wfe-a, suspended"]);
  });

  it("an execution that has not ended, whether it runs or has no phase yet", () => {
    assert.deepEqual(restless([workflowExecution("a"), workflowExecution("b", { phase: "Running" })]), ["WorkflowExecution we-a, Pending", "WorkflowExecution we-b, Running"]);
  });

  it("whatever holds a finalizer of ours, and not what holds one of somebody else", () => {
    const held = workflowExecution("a", { phase: "Completed" }, { meta: { finalizers: [PROTECTION] } });
    const asked = remediationRequest("b", { overallPhase: "Completed" }, { meta: { finalizers: ["kubernaut.ai/another"] } });
    const others = remediationRequest("c", { overallPhase: "Completed" }, { meta: { finalizers: ["example.com/backup"] } });
    assert.deepEqual(restless([held, asked, others]), [`WorkflowExecution we-a, held by ${PROTECTION}`, "RemediationRequest b, held by kubernaut.ai/another"]);
  });

  it("a lock, by its label or by its name; a membership and a stranger's Lease are none", () => {
    const leases = [lease("ro-lock-0123456789abcdef"), lease("any-name", { "kubernaut.ai/lock": "process" }), lease("ro-member-0123456789abcdef", { "kubernaut.ai/member": "true" }), lease("kube-controller-manager")];
    assert.deepEqual(locksAmong(leases).map((words) => words.split(" ")[1]), ["ro-lock-0123456789abcdef", "any-name"]);
  });
});
