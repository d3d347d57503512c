import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Plan, PlannedRequest } from "../simulation/plan.ts";
import { planOf } from "../simulation/plan-of.ts";
import { actionsOf, MOST_REQUESTS, type Trace } from "./actions-of.ts";
import { recordingOf } from "./recording.ts";
import { createReplayer } from "./replay.ts";

/** How many seeds of the simulation are replayed; the short run of the model asks for fewer. */
const SEEDS = Number(process.env["MODEL_SEEDS"] ?? 400);

const STORM: Plan = {
  seed: 1,
  replicas: Array.from({ length: 3 }, () => ({ requestMs: 2, answerMs: 2, lagMs: 10, slowWatch: undefined })),
  membership: "hidden",
  targets: 1,
  workflows: [0, 1, 2].map(() => ({ runMs: 200, exitCode: 0, stopMs: 0 })),
  requests: Array.from({ length: MOST_REQUESTS }, (_, at): PlannedRequest => ({ name: `rr-${at}`, target: 0, workflow: at, atMs: at, from: "analysed" })),
  faults: [],
  faultsEndMs: 60_000,
};

/** Seeds with no more requests on a target than the model has. */
function seedsThatFit(count: number): readonly number[] {
  const seeds: number[] = [];
  for (let seed = 1; seeds.length < count; seed++) {
    const onTarget = new Map<number, number>();
    for (const { target } of planOf(seed).requests) onTarget.set(target, (onTarget.get(target) ?? 0) + 1);
    if (Math.max(...onTarget.values()) <= MOST_REQUESTS) seeds.push(seed);
  }
  return seeds;
}

/** What the model refuses of these, with what led to it. */
async function refusedOf(named: readonly (readonly [string, Trace])[]): Promise<readonly string[]> {
  await using replayer = await createReplayer();
  const verdicts = await replayer.replay(named.map(([, { actions }]) => actions));
  return verdicts.flatMap((verdict, at) => {
    const [name, trace] = named[at] ?? [];
    if (verdict.accepted || !trace) return [];
    const before = trace.actions.slice(0, verdict.stoppedAt).map(({ name: action, request, detail }) => `${action} ${request} ${detail}`);
    return [`${name} ${trace.target}: ${verdict.action}\n  after ${before.join(", ")}`];
  });
}

describe("what the real code writes", () => {
  it("is what the model allows: a storm of three replicas on one target, each taking itself for the first", async () => {
    const traces = actionsOf(await recordingOf(STORM));
    assert.deepEqual(traces.map(({ requests, actions }) => [requests.length, actions.filter(({ name }) => name === "resumed").length]), [[3, 3]]);
    assert.deepEqual(await refusedOf(traces.map((trace) => ["storm", trace])), []);
  });

  it("is what the model allows: runs of the simulation, with whatever goes wrong in them", async (t) => {
    const named: (readonly [string, Trace])[] = [];
    for (const seed of seedsThatFit(SEEDS)) {
      for (const trace of actionsOf(await recordingOf(planOf(seed)))) named.push([`seed ${seed}`, trace]);
    }
    t.diagnostic(`${named.length} traces, ${named.reduce((sum, [, { actions }]) => sum + actions.length, 0)} writes`);
    assert.deepEqual(await refusedOf(named), []);
  });
});
