import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../src/api/job.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import type { JsonObject } from "../../src/apiserver/ports.ts";
import { LOCK_LABEL } from "../../src/locking/lease-marks.ts";
import { jobFor } from "../../src/workers/execution/job-for.ts";
import { claimLease, remediationRequest, workflowExecution } from "../support/builders.ts";
import { ClusterView } from "./cluster-view.ts";
import { Judge, type Violation } from "./judge.ts";

/** A judge, and how to show it writes. */
function court(options: { readonly expectOrder?: boolean; readonly goodDay?: boolean; readonly losesObjects?: boolean; readonly clocksJump?: boolean } = {}) {
  const found: Violation[] = [];
  const view = new ClusterView();
  const judge = new Judge({ view, broken: (violation) => found.push(violation), touched: { target: () => !options.expectOrder, remediation: () => options.losesObjects ?? false, clocks: options.clocksJump ?? false }, goodDay: options.goodDay ?? false });
  const json = (object: KubeObject | undefined) => object as unknown as JsonObject;
  const write = (type: "ADDED" | "MODIFIED" | "DELETED", object: KubeObject): void => {
    const previous = view.executions.get(object.metadata.name) ?? view.jobs.get(object.metadata.name) ?? view.requests.get(object.metadata.name) ?? view.leases.get(object.metadata.name);
    const change = { type, object: json(object), previous: previous && json(previous) };
    view.apply(change);
    judge.onChange(change);
  };
  return { found, judge, write, broken: () => [...new Set(found.map(({ invariant }) => invariant))] };
}

const named = (rr: string, phase: "Executing" | "Blocked" = "Executing"): RemediationRequest => remediationRequest(rr, { overallPhase: phase, phaseProgress: { workflowExecutionRef: { name: `we-${rr}`, uid: `uid-we-${rr}` } } });
const running = (rr: string): WorkflowExecution => workflowExecution(rr, { phase: "Running", executionRef: { name: `job-${rr}`, uid: `uid-job-${rr}` } });
const fenced = (rr: string, deduplicatedBy?: string): WorkflowExecution => workflowExecution(rr, { phase: "Failed", ...(deduplicatedBy ? { deduplicatedBy } : {}), failureDetails: { failedTaskIndex: 0, failedTaskName: "", reason: "Deduplicated", message: "", failedAt: "", naturalLanguageSummary: "" } });

function job(rr: string, suspend: boolean, uid = `uid-job-${rr}`): Job {
  const draft = jobFor(workflowExecution(rr), 0);
  return { ...draft, metadata: { ...draft.metadata, name: `job-${rr}`, uid, resourceVersion: "1", creationTimestamp: "" }, spec: { ...draft.spec, suspend } };
}

describe("the judge of the simulation", () => {
  it("lets the straight road pass", () => {
    const { broken, write } = court({ expectOrder: true });
    write("ADDED", remediationRequest("a", { overallPhase: "Analyzing" }));
    write("ADDED", workflowExecution("a"));
    write("MODIFIED", named("a"));
    write("ADDED", job("a", true));
    write("MODIFIED", running("a"));
    write("MODIFIED", job("a", false));
    write("MODIFIED", { ...job("a", false), status: { conditions: [{ type: "Complete", status: "True" }] } } as Job);
    write("MODIFIED", workflowExecution("a", { phase: "Completed", executionRef: { name: "job-a", uid: "uid-job-a" } }));
    write("MODIFIED", remediationRequest("a", { overallPhase: "Verifying" }));
    assert.deepEqual(broken(), []);
  });

  it("sees two Running executions on one target (I1)", () => {
    const { broken, write } = court();
    for (const rr of ["a", "b"]) write("ADDED", named(rr));
    for (const rr of ["a", "b"]) write("ADDED", running(rr));
    assert.deepEqual(broken(), ["I1"]);
  });

  it("sees two Jobs on one target that are not suspended (I2)", () => {
    const { broken, write } = court();
    for (const rr of ["a", "b"]) write("ADDED", named(rr));
    write("ADDED", running("a"));
    write("ADDED", workflowExecution("b"));
    for (const rr of ["a", "b"]) write("ADDED", job(rr, false));
    assert.ok(broken().includes("I2"));
  });

  it("sees two containers at once on one target, whatever the objects say (I2)", () => {
    const { broken, judge } = court();
    const run = (podName: string): LedgerEntry => ({ podUid: podName, podName, namespace: "", jobUid: "", jobName: "", env: { RO_TARGET: "t" }, startedMs: 0, endedMs: undefined, exitCode: undefined });
    judge.onRuns([run("one"), run("two")]);
    assert.ok(broken().includes("I2"));
  });

  it("sees a Job that is not suspended while its execution is not Running (I3)", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a"));
    write("ADDED", job("a", false));
    assert.deepEqual(broken(), ["I3"]);
  });

  it("sees an execution that ends before its Job (I3)", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a"));
    write("MODIFIED", running("a"));
    write("ADDED", job("a", false));
    write("MODIFIED", workflowExecution("a", { phase: "Failed" }));
    assert.ok(broken().includes("I3"));
  });

  it("sees a container that runs on when its execution has ended (I3)", () => {
    const { broken, write, judge } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a", { phase: "Failed" }));
    judge.onRuns([{ podUid: "p", podName: "p", namespace: "", jobUid: "", jobName: "", env: { RO_TARGET: "t", RO_RUN_ID: "uid-a" }, startedMs: 0, endedMs: undefined, exitCode: undefined }]);
    assert.deepEqual(broken(), ["I3"]);
  });

  it("sees an execution that does not end as its Job did", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a"));
    write("MODIFIED", running("a"));
    write("ADDED", { ...job("a", false), status: { conditions: [{ type: "Failed", status: "True" }] } } as Job);
    write("MODIFIED", workflowExecution("a", { phase: "Completed", executionRef: { name: "job-a", uid: "uid-job-a" } }));
    assert.deepEqual(broken(), ["status"]);
  });

  it("sees a claim that goes before the execution for which it stands, where Leases are healthy (E)", () => {
    const { broken, write } = court({ expectOrder: true });
    const lease = claimLease("a");
    const claim = { ...lease, metadata: { ...lease.metadata, labels: { [LOCK_LABEL]: "claim" } } };
    write("ADDED", named("a"));
    write("ADDED", running("a"));
    write("ADDED", claim);
    write("DELETED", claim);
    assert.deepEqual(broken(), ["E"]);
  });

  it("sees a second resume for one RemediationRequest (I4)", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a"));
    write("ADDED", running("a"));
    write("ADDED", job("a", false));
    write("MODIFIED", job("a", true));
    write("MODIFIED", job("a", false));
    assert.deepEqual(broken(), ["I4"]);
  });

  it("sees a Running execution whose RemediationRequest is Blocked, or names another one (I5)", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", running("a"));
    write("MODIFIED", named("a", "Blocked"));
    assert.deepEqual(broken(), ["I5"]);
  });

  it("sees a RemediationRequest that goes back (I5)", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("MODIFIED", remediationRequest("a", { overallPhase: "Analyzing" }));
    assert.deepEqual(broken(), ["I5"]);
  });

  it("sees one called Failed while its workflow runs, or because of somebody else's (I5, L1)", () => {
    const { found, write } = court();
    write("ADDED", named("a"));
    write("ADDED", running("a"));
    write("MODIFIED", remediationRequest("a", { overallPhase: "Failed" }));
    write("ADDED", remediationRequest("b", { overallPhase: "Blocked" }));
    write("MODIFIED", remediationRequest("b", { overallPhase: "Failed" }));
    assert.deepEqual(found.map(({ invariant }) => invariant), ["I5", "L1", "L1"]);
  });

  it("takes how a Job ended for what it was, although it is gone by now", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", workflowExecution("a"));
    write("ADDED", job("a", true));
    write("MODIFIED", running("a"));
    const complete = { ...job("a", false), status: { conditions: [{ type: "Complete", status: "True" }] } } as Job;
    write("MODIFIED", complete);
    write("DELETED", complete);
    write("MODIFIED", workflowExecution("a", { phase: "Completed", executionRef: { name: "job-a", uid: "uid-job-a" } }));
    assert.deepEqual(broken(), []);
  });

  it("sees an execution that ends without its Job, unless a clock that is ahead may have stopped that", () => {
    for (const clocksJump of [false, true]) {
      const { broken, write } = court({ clocksJump });
      write("ADDED", named("a"));
      write("ADDED", workflowExecution("a"));
      write("MODIFIED", running("a"));
      write("MODIFIED", workflowExecution("a", { phase: "Failed", executionRef: { name: "job-a", uid: "uid-job-a" } }));
      assert.deepEqual(broken(), clocksJump ? [] : ["status"]);
    }
  });

  it("sees one called Verifying whose workflow did not complete", () => {
    const { broken, write } = court();
    write("ADDED", named("a"));
    write("ADDED", running("a"));
    write("MODIFIED", remediationRequest("a", { overallPhase: "Verifying" }));
    assert.ok(broken().includes("status"));
  });

  it("sees one that ends naming what it had given up, but not one that another orchestrator has cancelled", () => {
    for (const [end, seen] of [["Completed", ["status"]], ["Cancelled", []]] as const) {
      const { broken, write } = court();
      write("ADDED", named("a", "Blocked"));
      write("MODIFIED", remediationRequest("a", { overallPhase: end, phaseProgress: { workflowExecutionRef: { name: "we-a", uid: "uid-we-a" } } }));
      assert.deepEqual(broken(), seen);
    }
  });

  it("sees a second execution on a busy target, and one that gives way to another, where Leases are healthy (E)", () => {
    const { found, write } = court({ expectOrder: true });
    for (const rr of ["a", "b"]) write("ADDED", workflowExecution(rr));
    write("MODIFIED", fenced("b", "we-a"));
    assert.deepEqual(found.map(({ invariant }) => invariant), ["E", "E"]);
  });

  it("sees on a good day any execution that was made in vain (E)", () => {
    for (const goodDay of [true, false]) {
      const { broken, write } = court({ expectOrder: true, goodDay });
      write("ADDED", workflowExecution("a"));
      write("MODIFIED", fenced("a"));
      assert.deepEqual(broken(), goodDay ? ["E"] : []);
    }
  });
});
