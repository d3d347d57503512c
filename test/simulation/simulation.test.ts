import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { describe, it } from "node:test";
import { Coverage } from "./coverage.ts";
import { onAllCores } from "./on-all-cores.ts";
import { planOf } from "./plan-of.ts";
import { replayCommand } from "./replay-command.ts";
import { run } from "./run.ts";

/** How many seeds every change has to pass; `npm run simulate` goes on from there. */
const RUNS = 1500;

async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await run(planOf(seed), (line) => lines.push(line));
  return lines.join("\n");
}

describe("the simulation of the real code", () => {
  it("plays the same run for the same seed, byte for byte", async () => {
    for (const seed of [3, 11, 27]) {
      const first = await traceOf(seed);
      assert.ok(first.length > 1000, "something happened");
      assert.equal(await traceOf(seed), first);
    }
  });

  it("breaks no promise in the runs of the first seeds", { timeout: 600_000 }, async (t) => {
    const coverage = new Coverage();
    const broken: string[] = [];
    await onAllCores({
      seed: 1,
      runs: RUNS,
      cores: availableParallelism(),
      done(result) {
        coverage.addTally(result.tally);
        for (const { seed, violation } of result.broken) broken.push(`${violation.invariant}: ${violation.what} (${replayCommand(seed)})`);
        return broken.length === 0;
      },
    });
    assert.deepEqual(broken, []);
    assert.equal(coverage.runs, RUNS);
    t.diagnostic(coverage.summary());
  });
});
