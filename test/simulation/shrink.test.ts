import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Invariant } from "./judge.ts";
import type { Fault, Plan } from "./plan.ts";
import type { Verdict } from "./run.ts";
import { shrink } from "./shrink.ts";

const fault = (name: Fault["name"], step: Fault["step"]): Fault => ({ name, step, nth: 1, forMs: 10, choice: 0 });
const CRASH = fault("crash-before", 3);
const LOST = fault("request-lost", 1);

const PLAN: Plan = {
  seed: 1,
  replicas: Array.from({ length: 3 }, () => ({ requestMs: 1, answerMs: 1, lagMs: 1, slowWatch: { kind: "jobs", lagMs: 500 } })),
  membership: "crowd",
  targets: 1,
  workflows: [{ runMs: 100, exitCode: 0, stopMs: 0 }],
  requests: ["rr-0", "rr-1", "rr-2", "rr-3"].map((name, at) => ({ name, target: 0, workflow: 0, atMs: at, from: "new" })),
  faults: [fault("500", 0), CRASH, fault("partition", 7), LOST, fault("watch-late", 4)],
  faultsEndMs: 60_000,
};

/** Plays nothing: what a plan breaks is what `breaks` says of it. Counts how often it was asked. */
function playing(breaks: (plan: Plan) => Invariant | undefined) {
  let times = 0;
  const play = (plan: Plan): Promise<Verdict> => {
    times++;
    const invariant = breaks(plan);
    const violation = invariant && { invariant, what: "as it is told" };
    return Promise.resolve({ plan, violation, fired: [], steps: 0, virtualMs: 0, interleaving: 0, fenced: 0, longestWait: { ms: 0, untilMs: 0, what: "" }, untouched: { targets: 0, ofTargets: 0, remediations: 0, ofRemediations: 0 } });
  };
  return { play, times: () => times };
}

async function smallest(breaks: (plan: Plan) => Invariant | undefined): Promise<Verdict> {
  const { play } = playing(breaks);
  return shrink(await play(PLAN), play);
}

const has = (plan: Plan, ...needed: readonly Fault[]): boolean => needed.every((one) => plan.faults.includes(one));

describe("a plan that breaks a promise", () => {
  it("is shrunk to what it needs: two of five faults, two of four alerts, one of three replicas", async () => {
    const { plan, violation } = await smallest((plan) => (has(plan, CRASH, LOST) && plan.requests.length >= 2 ? "I1" : undefined));
    assert.equal(violation?.invariant, "I1");
    assert.deepEqual(plan.faults, [CRASH, LOST]);
    assert.deepEqual(plan.requests.map(({ from }) => from), ["analysed", "analysed"]);
    assert.deepEqual(plan.replicas, [{ ...PLAN.replicas[0], slowWatch: undefined }]);
    assert.equal(plan.membership, "honest");
  });

  it("is shrunk to one alert on one replica where it needs nothing at all", async () => {
    const { plan } = await smallest(() => "L1");
    assert.deepEqual({ faults: plan.faults, alerts: plan.requests.length, replicas: plan.replicas.length }, { faults: [], alerts: 1, replicas: 1 });
  });

  it("keeps what replicas are told, a slow watch and an alert nobody has analysed where it needs them", async () => {
    const { plan } = await smallest(({ membership, replicas, requests }) => (membership === "crowd" && replicas[1]?.slowWatch && requests.some(({ from }) => from === "new") ? "E" : undefined));
    assert.equal(plan.membership, "crowd");
    assert.deepEqual(plan.replicas.map(({ slowWatch }) => slowWatch !== undefined), [false, true]);
    assert.deepEqual(plan.requests.map(({ from }) => from), ["new"]);
  });

  it("is not shrunk to one that breaks another promise", async () => {
    const { plan, violation } = await smallest((plan) => (has(plan, CRASH) ? "I1" : "L1"));
    assert.equal(violation?.invariant, "I1");
    assert.deepEqual(plan.faults, [CRASH]);
  });

  it("stays as it is where nothing can be left out, after each thing was left out once", async () => {
    const { play, times } = playing((plan) => (plan === PLAN ? "I3" : undefined));
    const verdict = await play(PLAN);
    assert.equal(await shrink(verdict, play), verdict);
    const things = PLAN.faults.length + PLAN.requests.length + 1 + 1 + PLAN.replicas.length + PLAN.requests.length;
    assert.equal(times(), 1 + things);
  });
});
