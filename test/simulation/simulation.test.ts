import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { describe, it } from "node:test";
import { runScript } from "../support/script.ts";
import { Coverage } from "./coverage.ts";
import { onAllCores } from "./on-all-cores.ts";
import { replayCommand } from "./replay-command.ts";
import { hashOfTrace, traceOf } from "./trace-of.ts";

/** How many seeds every change has to pass; `npm run simulate` goes on from there. */
const RUNS = 2500;

const SEEDS = [3, 11, 27];

/** Processes that share no more with each other, or with this one, than the source. */
const PLACES: readonly NodeJS.ProcessEnv[] = [
  { TZ: "Pacific/Chatham", LC_ALL: "de_DE.UTF-8" },
  { TZ: "America/St_Johns", LC_ALL: "C" },
];

describe("the simulation of the real code", () => {
  it("plays the same run for the same seed, byte for byte", async () => {
    for (const seed of SEEDS) {
      const first = await traceOf(seed);
      assert.ok(first.length > 1000, "something happened");
      assert.equal(await traceOf(seed), first);
    }
  });

  it("plays the same run in any process, time zone and language, byte for byte", async () => {
    const ends = await Promise.all(PLACES.map((env) => runScript(["test/simulation/print-hashes.ts", ...SEEDS.map(String)], env)));
    const here: string[] = [];
    for (const seed of SEEDS) here.push(`${seed} ${await hashOfTrace(seed)}\n`);
    for (const end of ends) assert.deepEqual(end, { code: 0, stdout: here.join(""), stderr: "" });
  });

  it("breaks no promise in the runs of the first seeds", { timeout: 600_000 }, async (t) => {
    const coverage = new Coverage();
    const broken: string[] = [];
    const hung = await onAllCores({
      seed: 1,
      runs: RUNS,
      cores: availableParallelism(),
      done(result) {
        coverage.addTally(result.tally);
        for (const { seed, violation } of result.broken) broken.push(`${violation.invariant}: ${violation.what} (${replayCommand(seed)})`);
        return broken.length === 0;
      },
    });
    assert.deepEqual({ broken, hung }, { broken: [], hung: [] });
    assert.equal(coverage.runs, RUNS);
    t.diagnostic(coverage.summary());
  });
});
