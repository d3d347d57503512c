import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Coverage } from "./coverage.ts";
import { IMPOSSIBLE, ROWS, type Fired } from "./fired.ts";
import { planOf } from "./plan-of.ts";
import { PROTOCOL_STEPS } from "./protocol-step.ts";
import type { Verdict } from "./run.ts";
import type { Untouched } from "./touched.ts";

function verdict(fired: readonly Fired[], untouched: Untouched): Verdict {
  return { plan: planOf(3), violation: undefined, fired, steps: 1, virtualMs: 1, interleaving: fired.length, fenced: 0, longestWait: { ms: 0, untilMs: 0, what: "" }, untouched };
}

const NOTHING: Untouched = { targets: 0, ofTargets: 1, remediations: 0, ofRemediations: 2 };
const ALL: Untouched = { targets: 1, ofTargets: 1, remediations: 2, ofRemediations: 2 };

describe("what many runs have seen", () => {
  it("leaves no cell empty but those that nothing can fill", () => {
    const coverage = new Coverage();
    const can = ROWS.flatMap((name) => PROTOCOL_STEPS.map((step): Fired => ({ name, step }))).filter(({ name, step }) => !IMPOSSIBLE.some(({ rows, steps }) => rows.includes(name) && steps.includes(step)));
    const [first, ...rest] = can;
    coverage.add(verdict(rest, ALL));
    assert.deepEqual(coverage.empty(), [`${first?.name}@${first?.step}`]);
    coverage.add(verdict(can, ALL));
    assert.deepEqual(coverage.empty(), []);
  });

  it("shows what nothing can fill, what nothing has filled, and how often the rest came about", () => {
    const coverage = new Coverage();
    coverage.add(verdict([{ name: "read-lost", step: 3 }, { name: "read-lost", step: 3 }], ALL));
    const row = coverage.table().split("\n").find((line) => line.startsWith("read-lost"));
    assert.deepEqual(row?.split(/\s+/).slice(1), ["0", "0", "0", "2", "—", "0", "—", "0", "—", "0", "0", "0"]);
  });

  it("is how much of them was held against every promise to the end, whoever counted it", () => {
    const [coverage, other] = [new Coverage(), new Coverage()];
    for (const untouched of [ALL, ALL, NOTHING]) other.add(verdict([], untouched));
    coverage.add(verdict([], { ...NOTHING, remediations: 1 }));
    coverage.addTally(other.take());
    assert.match(coverage.summary(), /order in 50 % of the runs \(50 % of the targets\), endings in 75 % \(63 % of the remediations\)/);
  });
});
