import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../src/api/job.ts";
import type { KubeObject } from "../../src/api/object.ts";
import { jobFor } from "../../src/workers/execution/job-for.ts";
import { claimLease, remediationRequest, workflowExecution } from "../support/builders.ts";
import type { Fault, FaultName, Plan, PlannedRequest } from "./plan.ts";
import type { ProtocolStep } from "./protocol-step.ts";
import { run } from "./run.ts";
import { keyOf, Touched } from "./touched.ts";

const A = remediationRequest("a");
const TARGET = keyOf(A.spec);

function job(rr: string): Job {
  const draft = jobFor(workflowExecution(rr), 0);
  return { ...draft, metadata: { ...draft.metadata, name: `job-${rr}`, uid: `uid-job-${rr}`, resourceVersion: "1", creationTimestamp: "" } };
}

/** What is known of remediation a, and of b on the same target. */
function hands(): Touched {
  const touched = new Touched();
  const written: readonly KubeObject[] = [A, remediationRequest("b"), workflowExecution("a"), job("a"), claimLease("a", TARGET)];
  for (const object of written) touched.onChange(object);
  return touched;
}

/** Whether the order on the target still holds, and who may not fail for no reason. */
function judged(touched: Touched): object {
  return { order: !touched.target(TARGET), a: !touched.remediation("uid-a"), b: !touched.remediation("uid-b") };
}

describe("what somebody has had his hands on", () => {
  it("is nothing as long as nobody has", () => {
    assert.deepEqual(judged(hands()), { order: true, a: true, b: true });
  });

  for (const [what, object, expected] of [
    ["a Lease: the order on its target", claimLease("a", TARGET), { order: false, a: true, b: true }],
    ["an execution: the order, and the end of its remediation", workflowExecution("a"), { order: false, a: false, b: true }],
    ["a Job: the end of its remediation", job("a"), { order: true, a: false, b: true }],
    ["a remediation: the order, and its end", A, { order: false, a: false, b: true }],
  ] as const) {
    it(`is, of ${what}, when that is taken away`, () => {
      const touched = hands();
      touched.touch(object, "lost");
      assert.deepEqual(judged(touched), expected);
    });
  }

  it("is the order alone where one is cancelled, or a request comes once more", () => {
    const touched = hands();
    touched.touch(A, "moved");
    assert.deepEqual(judged(touched), { order: false, a: true, b: true });
  });

  it("is the order on every target once a clock has jumped", () => {
    const touched = hands();
    touched.jumpClock();
    assert.deepEqual(judged(touched), { order: false, a: true, b: true });
    assert.ok(touched.clocks && touched.target("another"));
  });

  it("is never another target", () => {
    const touched = hands();
    touched.touch(A, "lost");
    assert.equal(touched.target("another"), false);
  });

  it("is counted against all that there was", () => {
    const touched = hands();
    assert.deepEqual(touched.untouched, { targets: 1, ofTargets: 1, remediations: 2, ofRemediations: 2 });
    touched.touch(A, "lost");
    assert.deepEqual(touched.untouched, { targets: 0, ofTargets: 1, remediations: 1, ofRemediations: 2 });
  });
});

const fault = (name: FaultName, step: ProtocolStep, nth = 1, choice = 0.2): Fault => ({ name, step, nth, forMs: 100, choice });
const alert = (name: string, target = 0): PlannedRequest => ({ name, target, workflow: 0, atMs: 0, from: "analysed" });

/** What one remediation, or two on two targets, went through. */
async function played(faults: readonly Fault[], requests: readonly PlannedRequest[] = [alert("rr-0")]) {
  const replica = { requestMs: 1, answerMs: 1, lagMs: 1, slowWatch: undefined };
  const plan: Plan = { seed: 1, replicas: [replica], membership: "honest", targets: 2, workflows: [{ runMs: 100, exitCode: 0, stopMs: 0 }], requests, faults, faultsEndMs: 60_000 };
  const { fired, untouched, violation } = await run(plan);
  assert.equal(violation, undefined);
  return { fired: fired.map(({ name, step }) => `${name}@${step}`), untouched };
}

describe("a fault of the simulation", () => {
  it("counts when it came to something, and not when there was nothing to hit", async () => {
    assert.deepEqual((await played([fault("lease-deleted", 3)])).fired, ["lease-deleted@3"]);
    // Before its only remediation has ended there is nothing to let go.
    assert.deepEqual((await played([fault("retention", 4)])).fired, []);
  });

  it("waits for a write where it is about one", async () => {
    assert.deepEqual((await played([fault("crash-after", 0)])).fired, ["crash-after@0"]);
    assert.deepEqual((await played([fault("500-landed", 5)])).fired, []);
  });

  it("counts as a read that is lost or refused where it strikes one", async () => {
    assert.deepEqual((await played([fault("answer-lost", 5)])).fired, ["read-lost@5"]);
    assert.deepEqual((await played([fault("503", 5)])).fired, ["read-refused@5"]);
    assert.deepEqual((await played([fault("answer-lost", 4)])).fired, ["answer-lost@4"]);
  });

  it("does not count where a later one takes its place", async () => {
    assert.deepEqual((await played([fault("request-lost", 4), fault("500", 4)])).fired, ["500@4"]);
  });

  it("does not count where its sender dies before", async () => {
    assert.deepEqual((await played([fault("crash-before", 4), fault("500", 4)])).fired, ["crash-before@4"]);
  });

  it("touches the target that it hits, and no other one", async () => {
    const { fired, untouched } = await played([fault("execution-deleted", 8)], [alert("rr-0", 0), alert("rr-1", 1)]);
    assert.deepEqual(fired, ["execution-deleted@8"]);
    assert.deepEqual(untouched, { targets: 1, ofTargets: 2, remediations: 1, ofRemediations: 2 });
  });

  it("touches a target by a request that comes once more when it does something, and not when it is refused", async () => {
    for (const [forMs, targets] of [[10, 1], [580, 0]] as const) {
      const { fired, untouched } = await played([{ ...fault("request-twice", 1), forMs }]);
      assert.deepEqual(fired, ["request-twice@1"]);
      assert.equal(untouched.targets, targets);
    }
  });
});
