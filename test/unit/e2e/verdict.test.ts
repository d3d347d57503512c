import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../src/api/job.ts";
import { killOf, MOMENTS } from "../../e2e/kills.ts";
import { isOurStep, timesToNextStep } from "../../e2e/recovery.ts";
import { verdictOf, type Evidence } from "../../e2e/verdict.ts";
import { STEPS } from "../../e2e/write-step.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

function evidence(given: Partial<Evidence>): Evidence {
  return { story: "made up", seconds: 1, requests: new Map(), changes: [], lines: [], fenced: 0, left: [], faults: [], any: [], progress: [], holes: 0, ...given };
}

const remediated = (name: string) => remediationRequest(name, { overallPhase: "Completed", completionStatus: { outcome: "Remediated" } });

describe("the verdict on a story", () => {
  it("passes when all have ended and nothing is left", () => {
    const { wrong, notes, contended, launches } = verdictOf(evidence({ requests: new Map([["a", remediated("a")], ["b", remediated("b")]]) }));
    assert.deepEqual({ wrong, notes, contended, launches }, { wrong: [], notes: [], contended: 2, launches: 2 });
  });

  it("fails when a request did not end, and when one is not there any more", () => {
    const requests = new Map([["a", remediationRequest("a", { overallPhase: "Blocked" })], ["b", undefined]]);
    const { lost, wrong } = verdictOf(evidence({ requests }));
    assert.equal(lost, 2);
    assert.equal(wrong.length, 2);
  });

  it("fails when something is left over", () => {
    assert.deepEqual(verdictOf(evidence({ left: ["Lease ro-lock-1"] })).wrong, ["left over: Lease ro-lock-1"]);
  });

  it("fails when two workflows ran at once, and counts them as doubled", () => {
    const line = { what: "begin", target: "t", fence: 1 } as const;
    const { doubled, wrong } = verdictOf(evidence({ lines: [{ ...line, pod: "wfe-a-1", run: "a" }, { ...line, pod: "wfe-b-1", run: "b" }] }));
    assert.equal(doubled, 1);
    assert.equal(wrong.length, 1);
  });

  it("fails when the watch shows two Running on a target, though the ledger knows of none", () => {
    const running = (owner: string) => workflowExecution(owner, { phase: "Running" });
    const { doubled, wrong } = verdictOf(evidence({ changes: [{ type: "ADDED", version: 1, atMs: 1, object: running("a") }, { type: "ADDED", version: 2, atMs: 2, object: running("b") }] }));
    assert.equal(doubled, 1);
    assert.match(wrong.join(), /^I1/);
  });

  it("fails when something ended otherwise than well, but where clocks are hours apart", () => {
    const requests = new Map([["a", remediationRequest("a", { overallPhase: "TimedOut", message: "a took too long" })]]);
    const how = "1 ended TimedOut: <name> took too long";
    const { otherwise, wrong, notes } = verdictOf(evidence({ requests }));
    assert.deepEqual({ otherwise, wrong, notes }, { otherwise: 1, wrong: [how], notes: [] });
    const clocks = verdictOf(evidence({ requests, endsOtherwise: true }));
    assert.deepEqual({ wrong: clocks.wrong, notes: clocks.notes }, { wrong: [], notes: [how] });
  });

  it("fails when nobody was killed at a step at a moment, and tells how often at each", () => {
    const kills = Array.from({ length: STEPS.length * MOMENTS.length }, (_, turn) => killOf(turn));
    const all = verdictOf(evidence({ kills }));
    assert.deepEqual(all.wrong, []);
    assert.deepEqual(all.notes, STEPS.map((step) => `killed at ${step}: 1 before, 1 after, 1 late`));
    const most = verdictOf(evidence({ kills: kills.filter(({ step, moment }) => step !== "resume Job" || moment !== "late") }));
    assert.deepEqual(most.wrong, ["never killed at resume Job, late"]);
    assert.ok(most.notes.includes("killed at resume Job: 1 before, 1 after, 0 late"));
  });

  it("asks no other story for kills", () => {
    const { wrong, notes } = verdictOf(evidence({}));
    assert.deepEqual({ wrong, notes }, { wrong: [], notes: [] });
  });
});

it("time until work goes on is counted for each target that had work, from the fault to the first step after it", () => {
  const faults = [{ atMs: 100, targets: ["a", "b", "idle"] }, { atMs: 300, targets: ["a"] }];
  const progress = [{ target: "a", atMs: 90 }, { target: "b", atMs: 110 }, { target: "a", atMs: 150 }, { target: "a", atMs: 900 }];
  assert.deepEqual(timesToNextStep(faults, progress), [50, 10, 600]);
  const { recovery, anyMoment } = verdictOf(evidence({ faults, any: [{ atMs: 120, targets: ["a"] }], progress }));
  assert.deepEqual(recovery, { p50Ms: 50, p99Ms: 600, maxMs: 600 });
  assert.deepEqual(anyMoment, { p50Ms: 30, p99Ms: 30, maxMs: 30 });
  assert.equal(verdictOf(evidence({ progress })).recovery, undefined);
});

it("a Job's birth, resume and deletion are steps of ours, what the Job controller writes is none", () => {
  const metadata = { name: "wfe-a", uid: "uid-a", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" };
  const suspended: Job = { apiVersion: "batch/v1", kind: "Job", metadata, spec: { suspend: true, template: { spec: { restartPolicy: "Never", containers: [] } } } };
  const resumed: Job = { ...suspended, spec: { ...suspended.spec, suspend: false } };
  const deleted: Job = { ...resumed, metadata: { ...metadata, deletionTimestamp: "2026-01-01T00:01:00Z" } };
  assert.deepEqual([isOurStep(undefined, suspended), isOurStep(suspended, resumed), isOurStep(resumed, deleted)], [true, true, true]);
  assert.deepEqual([isOurStep(resumed, { ...resumed, status: { active: 1 } }), isOurStep(suspended, { ...suspended, status: {} })], [false, false]);
});
