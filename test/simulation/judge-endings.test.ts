import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AIAnalysisStatus } from "../../src/api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../src/api/effectiveness-assessment.ts";
import type { Job } from "../../src/api/job.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import type { JsonObject } from "../../src/apiserver/ports.ts";
import { jobFor } from "../../src/workers/execution/job-for.ts";
import { effectivenessAssessmentFor } from "../../src/remediation/creators/effectiveness-assessment.ts";
import { completedAnalysis, remediationRequest, workflowExecution } from "../support/builders.ts";
import { Endings } from "./judge-endings.ts";
import type { Violation } from "./judge.ts";

const LIMIT_MS = 5000;
const CAME_MS = Date.parse(remediationRequest("a").spec.receivedTime);

interface World {
  readonly sick?: boolean;
  readonly losesObjects?: boolean;
  readonly clocksJump?: boolean;
}

/** A judge of ends, and how to bring about what they are judged by. */
function court({ sick = false, losesObjects = false, clocksJump = false }: World = {}) {
  const found: Violation[] = [];
  const ledger: LedgerEntry[] = [];
  let nowMs = CAME_MS;
  const endings = new Endings({ ledger: () => ledger, nowMs: () => nowMs, isHealthy: () => !sick, executingMs: LIMIT_MS, broken: (violation) => found.push(violation), touched: { remediation: () => losesObjects, clocks: clocksJump } });
  const write = (object: KubeObject): void => endings.onChange({ type: "MODIFIED", object: object as unknown as JsonObject, previous: undefined });
  const jobOf = (rr: string): Job => {
    const draft = jobFor(workflowExecution(rr), 0);
    return { ...draft, metadata: { ...draft.metadata, uid: `uid-job-${rr}`, resourceVersion: "1", creationTimestamp: "" } };
  };
  return {
    analysed: (rr: string, status?: AIAnalysisStatus): void => write({ ...completedAnalysis(rr), ...(status ? { status } : {}) }),
    /** Its workflow ran until `atMs` after the alerts had come. */
    ran: (rr: string, exitCode: number, atMs = 1000, workflowId = "restart"): void => {
      nowMs = CAME_MS + atMs;
      ledger.push({ podUid: `pod-${rr}`, podName: `pod-${rr}`, namespace: "", jobUid: `uid-job-${rr}`, jobName: "", env: { RO_RUN_ID: `uid-${rr}` }, startedMs: 0, endedMs: nowMs, exitCode });
      write({ ...jobOf(rr), status: { conditions: [{ type: exitCode === 0 ? "Complete" : "Failed", status: "True" }] } } as Job);
      write(workflowExecution(rr, { phase: exitCode === 0 ? "Completed" : "Failed", executionRef: { name: "", uid: `uid-job-${rr}` } }, { workflowId }));
    },
    /** Its execution may take until `dueMs` after the alerts had come, and now it is `atMs`. */
    limited: (rr: string, dueMs: number, atMs: number): void => {
      nowMs = CAME_MS + atMs;
      const execution = workflowExecution(rr, { phase: "Failed" });
      write({ ...execution, spec: { ...execution.spec, timesOutAt: new Date(CAME_MS + dueMs).toISOString() } } as WorkflowExecution);
    },
    /** Its effect was assessed, or is being. */
    assessed: (rr: string, status: EffectivenessAssessment["status"]): void => {
      const draft = effectivenessAssessmentFor(remediationRequest(rr), remediationRequest(rr).spec.targetResource, "0s");
      write({ ...draft, metadata: { ...draft.metadata, uid: `uid-ea-${rr}`, resourceVersion: "1", creationTimestamp: "" }, status } as EffectivenessAssessment);
    },
    /** What is wrong with a run that begins for it. */
    begun: (rr: string): string | undefined => {
      found.length = 0;
      ledger.push({ podUid: "pod", podName: "pod", namespace: "", jobUid: "", jobName: "", env: { RO_RUN_ID: `uid-${rr}` }, startedMs: 0, endedMs: undefined, exitCode: undefined });
      endings.onRuns(ledger);
      return found[0] && `${found[0].invariant}: ${found[0].what}`;
    },
    /** What is not so about this end. */
    ended: (rr: string, status: RemediationRequestStatus, spec: Partial<RemediationRequest["spec"]> = {}): string | undefined => {
      found.length = 0;
      write(remediationRequest(rr, status, { spec }));
      return found[0] && `${found[0].invariant}: ${found[0].what.replace(/^.*, but /, "")}`;
    },
  };
}

const completed = (outcome: "Remediated" | "Inconclusive" | "NoActionRequired" | "ManualReviewRequired" | "VerificationTimedOut" | "DryRun", deduplicatedByWE?: string): RemediationRequestStatus => ({ overallPhase: "Completed", completionStatus: { outcome }, ...(deduplicatedByWE ? { routingStatus: { deduplicatedByWE } } : {}) });

const HEALTHY = { phase: "Completed", assessmentReason: "Full", components: { healthAssessed: true, healthScore: 1 } } as const;
const SICK = { phase: "Completed", assessmentReason: "Expired", components: { healthAssessed: true, healthScore: 0 } } as const;

describe("the judge of ends", () => {
  it("lets Remediated pass where the workflow ran to a good end and the target is healthy, and nowhere else", () => {
    const cured = court();
    assert.equal(cured.ended("a", completed("Remediated")), "status: no workflow of it ran to a good end");
    cured.ran("a", 1);
    assert.equal(cured.ended("a", completed("Remediated")), "status: no workflow of it ran to a good end");
    cured.ran("a", 0);
    cured.assessed("a", HEALTHY);
    assert.equal(cured.ended("a", completed("Remediated")), undefined);
    assert.equal(cured.ended("a", completed("Inconclusive")), "status: its target is healthy");
    const sick = court({ sick: true });
    sick.ran("a", 0);
    sick.assessed("a", SICK);
    assert.equal(sick.ended("a", completed("Remediated")), "status: its target is not healthy");
    assert.equal(sick.ended("a", completed("Inconclusive")), undefined);
  });

  it("asks the assessment too, whatever the target is like", () => {
    for (const [isSick, outcome, says, denies] of [[false, "Remediated", HEALTHY, SICK], [true, "Inconclusive", SICK, HEALTHY]] as const) {
      const { ran, assessed, ended } = court({ sick: isSick });
      ran("a", 0);
      assert.equal(ended("a", completed(outcome)), "status: its effect has not been assessed yet");
      assessed("a", { phase: "Assessing" });
      assert.equal(ended("a", completed(outcome)), "status: its effect has not been assessed yet");
      assessed("a", denies);
      assert.equal(ended("a", completed(outcome)), "status: its assessment does not say so");
      assessed("a", says);
      assert.equal(ended("a", completed(outcome)), undefined);
    }
  });

  it("lets nothing run that the analysis does not want, or not before a human has looked", () => {
    const { analysed, begun } = court();
    assert.equal(begun("a"), "status: pod runs, but its analysis was never made");
    const chosen = completedAnalysis("a").status;
    assert.ok(chosen);
    analysed("a");
    assert.equal(begun("a"), undefined);
    analysed("a", { ...chosen, approval: { approvalRequired: false }, review: { needsHumanReview: false } });
    assert.equal(begun("a"), undefined);
    for (const status of [{ ...chosen, approval: { approvalRequired: true } }, { ...chosen, review: { needsHumanReview: true } }, { ...chosen, phase: "Failed" }, { phase: "Completed", reason: "WorkflowNotNeeded" }] as const) {
      analysed("a", status);
      assert.equal(begun("a"), "status: pod runs, but its analysis does not allow it");
    }
  });

  it("takes a cover for what it is: the same cure of the same target, by one that was Remediated, since the signal came", () => {
    const leaderOf = (atMs = 1000, workflowId = "restart", outcome: "Remediated" | "Inconclusive" = "Remediated") => {
      const { analysed, ran, ended } = court();
      analysed("b");
      ran("a", 0, atMs, workflowId);
      ended("a", completed(outcome));
      return (spec: Partial<RemediationRequest["spec"]> = {}) => ended("b", completed("Remediated", "we-a"), spec);
    };
    assert.equal(leaderOf()(), undefined);
    assert.equal(leaderOf(-500)(), undefined, "in the same second: the API tells no more than that");
    assert.equal(leaderOf(-1500)(), "status: we-a had completed before its signal came");
    assert.equal(leaderOf(1000, "scale")(), "status: we-a ran scale, not restart");
    assert.equal(leaderOf(1000, "restart", "Inconclusive")(), "status: we-a cured nothing");
    assert.equal(leaderOf()({ targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: "other", namespace: "shop" } }), "status: we-a was for shop/Deployment/checkout");
    assert.equal(court().ended("b", completed("Remediated", "we-a")), "status: there never was a we-a");
  });

  it("asks the analysis where nothing was to be run", () => {
    const { analysed, ran, ended } = court();
    analysed("a", { phase: "Completed", reason: "WorkflowNotNeeded" });
    assert.equal(ended("a", completed("NoActionRequired")), undefined);
    analysed("b");
    assert.equal(ended("b", completed("NoActionRequired")), "status: its analysis does not say so");
    assert.equal(ended("b", completed("ManualReviewRequired")), "status: its analysis does not say so");
    analysed("b", { ...completedAnalysis("b").status, phase: "Completed", approval: { approvalRequired: true } });
    assert.equal(ended("b", completed("ManualReviewRequired")), undefined);
    analysed("c", { phase: "Completed", reason: "WorkflowNotNeeded" });
    assert.equal(ended("c", completed("ManualReviewRequired")), "status: its analysis does not say so");
    analysed("b", { phase: "Completed", reason: "NoWorkflowSelected" });
    assert.equal(ended("b", completed("ManualReviewRequired")), undefined);
    ran("b", 0);
    assert.equal(ended("b", completed("ManualReviewRequired")), "status: a workflow of it has run");
    assert.equal(ended("b", completed("DryRun")), "status: that is no end that it can come to here");
  });

  it("lets Failed pass where something has failed, or a person took away what it needed", () => {
    const { analysed, ran, ended } = court();
    assert.equal(ended("a", { overallPhase: "Failed" }), "status: nothing of it has failed");
    ran("a", 0);
    assert.equal(ended("a", { overallPhase: "Failed" }), "status: nothing of it has failed");
    ran("a", 1);
    assert.equal(ended("a", { overallPhase: "Failed" }), undefined);
    analysed("b", { phase: "Failed" });
    assert.equal(ended("b", { overallPhase: "Failed" }), undefined);
    assert.equal(court({ losesObjects: true }).ended("a", { overallPhase: "Failed" }), undefined);
  });

  it("lets a limit be over when it is, to the second, and not sooner than the limit after the signal came", () => {
    const { apiVersion, kind, metadata } = workflowExecution("a");
    const timedOut: RemediationRequestStatus = { overallPhase: "TimedOut", phaseProgress: { workflowExecutionRef: { apiVersion, kind, namespace: "", name: metadata.name, uid: metadata.uid } } };
    const after = (dueMs: number, atMs: number): string | undefined => {
      const { limited, ended } = court();
      limited("a", dueMs, atMs);
      return ended("a", timedOut);
    };
    assert.equal(after(LIMIT_MS, LIMIT_MS), undefined);
    assert.equal(after(LIMIT_MS, LIMIT_MS - 1000), undefined, "in the same second: the Job's own limit counts whole ones");
    assert.equal(after(LIMIT_MS, LIMIT_MS - 1001), "status: no limit is over yet");
    assert.equal(after(LIMIT_MS - 1, LIMIT_MS), "status: no limit is over yet");
    assert.equal(court().ended("a", timedOut), "status: no limit is over yet");
  });

  it("lets a limit be over before only where clocks jump", () => {
    assert.equal(court().ended("a", { overallPhase: "TimedOut" }), "status: no limit is over yet");
    assert.equal(court({ clocksJump: true }).ended("a", { overallPhase: "TimedOut" }), undefined);
    const jumped = court({ clocksJump: true });
    jumped.ran("a", 0);
    assert.equal(jumped.ended("a", completed("VerificationTimedOut")), undefined);
  });
});
