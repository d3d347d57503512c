import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../src/api/job.ts";
import type { Change } from "../../e2e/follow.ts";
import type { Watched } from "../../e2e/invariants.ts";
import { killOf, MOMENTS } from "../../e2e/kills.ts";
import type { LedgerLine } from "../../e2e/ledger.ts";
import { isOurStep, timesToNextStep } from "../../e2e/recovery.ts";
import { verdictOf, type Evidence } from "../../e2e/verdict.ts";
import { STEPS } from "../../e2e/write-step.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

function evidence(given: Partial<Evidence>): Evidence {
  return { story: "made up", seconds: 1, requests: new Map(), changes: [], lines: [], fenced: 0, left: [], faults: [], any: [], progress: [], holes: 0, ...given };
}

const remediated = (name: string) => remediationRequest(name, { overallPhase: "Completed", completionStatus: { outcome: "Remediated" } });

/** What the ledger has of a workflow that ran well for each of these, one after the other, with fences that grow. */
function ran(...names: readonly string[]): readonly LedgerLine[] {
  return names.flatMap((name, at) => (["begin", "end", "gone"] as const).map((what) => ({ what, pod: `wfe-${name}-1`, target: "t", run: `uid-${name}`, fence: at + 1 })));
}

/** In this order, at versions 1, 2, 3 ... */
function seen(...objects: readonly Watched[]): readonly Change<Watched>[] {
  return objects.map((object, at) => ({ type: "MODIFIED", version: at + 1, atMs: at, object }));
}

describe("the verdict on a story", () => {
  it("passes when all have ended and nothing is left", () => {
    const requests = new Map([["a", remediated("a")], ["b", remediated("b")]]);
    const changes = seen(remediationRequest("a"), remediationRequest("b"), workflowExecution("a"), remediated("a"), workflowExecution("b"));
    const verdict = verdictOf(evidence({ requests, changes, lines: ran("a", "b"), wanted: 1 }));
    const { wrong, notes, launches, contended, ran: began } = verdict;
    assert.deepEqual({ wrong, notes, launches, contended, ran: began }, { wrong: [], notes: [], launches: 2, contended: 1, ran: 2 });
  });

  it("fails when fewer launches were contended than were asked for", () => {
    assert.deepEqual(verdictOf(evidence({ changes: seen(remediationRequest("a"), workflowExecution("a")), wanted: 1 })).wrong, ["0 contended launches, and not 1"]);
  });

  it("fails when a request says that it is Remediated and its workflow never ran, where clocks are hours apart as well", () => {
    const requests = new Map([["a", remediated("a")]]);
    const wrong = ["untrue: a is Remediated, and its workflow ran to its end 0 times"];
    assert.deepEqual(verdictOf(evidence({ requests })).wrong, wrong);
    assert.deepEqual(verdictOf(evidence({ requests, endsOtherwise: true })).wrong, wrong);
  });

  it("fails when a request says that it Failed and its workflow ran well, but where clocks are hours apart", () => {
    const requests = new Map([["a", remediationRequest("a", { overallPhase: "Failed", message: "nobody knows why" })]]);
    const how = ["1 ended Failed: nobody knows why", "untrue: 1 ended Failed, though the workflow ran to its end: nobody knows why (a)"];
    assert.deepEqual(verdictOf(evidence({ requests, lines: ran("a") })).wrong, how);
    const { wrong, notes } = verdictOf(evidence({ requests, lines: ran("a"), endsOtherwise: true }));
    assert.deepEqual({ wrong, notes }, { wrong: [], notes: how });
  });

  it("fails when a fence did not grow, but where locks are deleted by hand", () => {
    const lines = ran("a", "b").map((line) => ({ ...line, fence: 7 }));
    const how = ["the fence did not grow: wfe-b-1 on t: 7 after 7"];
    assert.deepEqual(verdictOf(evidence({ lines })).wrong, how);
    const { wrong, notes } = verdictOf(evidence({ lines, locksDeleted: true }));
    assert.deepEqual({ wrong, notes }, { wrong: [], notes: how });
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
    const line = { what: "begin", target: "t" } as const;
    const { doubled, wrong } = verdictOf(evidence({ lines: [{ ...line, pod: "wfe-a-1", run: "a", fence: 1 }, { ...line, pod: "wfe-b-1", run: "b", fence: 2 }] }));
    assert.equal(doubled, 1);
    assert.equal(wrong.length, 1);
  });

  it("fails when the watch shows two Running on a target, though the ledger knows of none", () => {
    const running = (owner: string) => workflowExecution(owner, { phase: "Running" });
    const { doubled, wrong } = verdictOf(evidence({ changes: seen(running("a"), running("b")) }));
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

  it("counts no kill whose write the server refused", () => {
    const kills = Array.from({ length: STEPS.length * MOMENTS.length }, (_, turn) => killOf(turn)).map((kill) => (kill.step === "create WFE" && kill.moment === "late" ? { ...kill, refused: true as const } : kill));
    const { wrong, notes } = verdictOf(evidence({ kills }));
    assert.deepEqual(wrong, ["never killed at create WFE, late"]);
    assert.ok(notes.includes("killed at create WFE: 1 before, 1 after, 0 late, 1 late and refused"));
  });

  it("fails when its fault never hit anything, and tells how many strikes did not", () => {
    const strikes = { made: 4, missed: 3, wrong: [], notes: [] };
    const hit = verdictOf(evidence({ strikes, faults: [{ atMs: 1, targets: ["t"] }] }));
    assert.deepEqual([hit.wrong, hit.notes, hit.faults], [[], ["3 of 4 strikes hit nothing"], 1]);
    assert.deepEqual(verdictOf(evidence({ strikes: { ...strikes, missed: 4 } })).wrong, ["the fault never hit anything, in 4 strikes"]);
  });

  it("fails when a fault finds that it does not do what it is for", () => {
    const { wrong, notes } = verdictOf(evidence({ strikes: { made: 1, missed: 0, wrong: ["the clock stood"], notes: ["it was noon"] }, faults: [{ atMs: 1, targets: ["t"] }] }));
    assert.deepEqual({ wrong, notes }, { wrong: ["the clock stood"], notes: ["it was noon"] });
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
