import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { withLongRuns } from "./long-day.ts";
import { STOPS, type Plan, type PlannedStop, type StopName } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { run } from "./run.ts";

const HOURS_MS = 10 * 3_600_000;

const PLAN: Plan = {
  seed: 1,
  replicas: [{ requestMs: 2, answerMs: 2, lagMs: 5, slowWatch: undefined }],
  membership: "honest",
  targets: 1,
  workflows: [{ runMs: HOURS_MS, exitCode: 0, stopMs: 100 }],
  requests: [{ name: "rr-0", target: 0, workflow: 0, atMs: 0, from: "analysed" }],
  faults: [],
  faultsEndMs: 60_000,
};

/** What is told of the remediation and of its execution, in order. */
const ENDS: Readonly<Record<StopName, readonly string[]>> = {
  limit: ["WorkflowExecution we-rr-0 Running -> Failed", "RemediationRequest rr-0 Executing -> TimedOut"],
  "request-cancelled": ["RemediationRequest rr-0 Executing -> Cancelled", "WorkflowExecution we-rr-0 Running -> Failed"],
  "request-deleted": ["DELETED RemediationRequest rr-0", "WorkflowExecution we-rr-0 Running -> Failed", "DELETED WorkflowExecution we-rr-0"],
  "owner-lost": ["DELETED RemediationRequest rr-0", "WorkflowExecution we-rr-0 Running -> Failed"],
  "execution-deleted": ["WorkflowExecution we-rr-0 Running -> Failed", "DELETED WorkflowExecution we-rr-0", "RemediationRequest rr-0 Executing -> Failed"],
};

async function played(stop: PlannedStop) {
  const lines: string[] = [];
  const verdict = await run({ ...PLAN, stop }, (line) => void lines.push(line));
  const ends = lines.flatMap((line) => /DELETED (?:RemediationRequest|WorkflowExecution) \S+|(?:RemediationRequest|WorkflowExecution) \S+ (?:Running|Executing) -> \w+/.exec(line) ?? []);
  return { ...verdict, ends };
}

describe("a day on which workflows would run for hours", () => {
  for (const by of STOPS) {
    it(`ends soon where each is stopped: ${by}`, async () => {
      const { violation, ends, virtualMs } = await played({ by, afterMs: 5000, choice: 0 });
      assert.equal(violation, undefined);
      assert.deepEqual(ends.toSorted(), ENDS[by].toSorted());
      assert.ok(virtualMs < 15_000, `it took ${virtualMs} ms`);
    });
  }

  it("breaks L1 where nobody stops them within ten minutes after the last fault, at the price of some steps a second", async () => {
    const { violation, virtualMs, steps } = await played({ by: "request-cancelled", afterMs: HOURS_MS, choice: 0 });
    assert.equal(violation?.invariant, "L1");
    assert.ok(virtualMs > 660_000 && virtualMs < 700_000, `it took ${virtualMs} ms`);
    assert.ok(steps < 20_000, `it took ${steps} steps`);
  });

  it("is that of three seeds in a hundred, stopped in every way, and everything else of a seed stays as it is", () => {
    const long = Array.from({ length: 10_000 }, (_, seed) => planOf(seed)).filter(({ stop }) => stop);
    assert.ok(long.length > 250 && long.length < 350, `${long.length} of 10 000`);
    assert.deepEqual(new Set(long.map(({ stop }) => stop?.by)), new Set(STOPS));
    for (const { stop, seed } of long) assert.deepEqual(withLongRuns({ ...PLAN, seed }, () => []), { ...PLAN, seed, stop });
  });
});
