import { randomInt } from "node:crypto";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { endWith, positiveNumber, wholeNumber } from "../support/command-line.ts";
import type { ChunkResult } from "./chunk.ts";
import { Coverage } from "./coverage.ts";
import { onAllCores } from "./on-all-cores.ts";
import { replayCommand } from "./replay-command.ts";
import { reportOf } from "./report.ts";

const HELP = `Plays seeded runs of the real orchestrator in virtual time, with everything going wrong that can, and judges every write.

  npm run simulate -- --runs 10000              that many runs, from a fresh seed
  npm run simulate -- --minutes 10              as many as there is time for
  npm run simulate -- --seed 1 --runs 2000      the same runs every time
  npm run simulate -- --replay 426              one seed again: shrunk, with its trace

  --cores N    how many to use (default: all)
  --table      print the table of faults and protocol steps even when cells of it are empty

Ctrl-C ends it at once, with everything that it tells at its end of the runs so far.

Exit codes: 0 no promise was broken, 1 one was or a run has no end, 2 the command line makes no sense.`;

const SEEDS = 2 ** 31;
const PROGRESS_MS = 10_000;
/** Runs after which an empty cell of the table is a hole and no chance. */
const RUNS_FOR_TABLE = 20_000;

interface Options {
  readonly runs: number;
  readonly seed: number;
  readonly minutes: number;
  readonly cores: number;
  readonly table: boolean;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { runs: { type: "string" }, seed: { type: "string" }, minutes: { type: "string" }, cores: { type: "string" }, replay: { type: "string" }, table: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help) return say(HELP, 0);
  if (values.replay !== undefined) return replay(wholeNumber("--replay", values.replay));
  const minutes = values.minutes === undefined ? Number.POSITIVE_INFINITY : positiveNumber("--minutes", values.minutes);
  const runs = values.runs === undefined ? (Number.isFinite(minutes) ? Number.POSITIVE_INFINITY : 1000) : wholeNumber("--runs", values.runs, 1);
  const seed = values.seed === undefined ? randomInt(SEEDS) : wholeNumber("--seed", values.seed);
  return simulate({ runs, seed, minutes, cores: values.cores === undefined ? availableParallelism() : wholeNumber("--cores", values.cores, 1), table: values.table ?? false });
}

async function replay(seed: number): Promise<number> {
  const report = await reportOf(seed, replayCommand(seed));
  return report === undefined ? say(`seed ${seed} breaks no promise`, 0) : say(report, 1);
}

async function simulate({ runs, seed, minutes, cores, table }: Options): Promise<number> {
  const startMs = performance.now();
  const coverage = new Coverage();
  let broken: ChunkResult["broken"] = [];
  let shownMs = startMs;
  const interrupt = new AbortController();
  // The second time Node ends it.
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupt.abort());
  say(`seed ${seed}, ${Number.isFinite(runs) ? `${runs} runs` : `${minutes} minutes`}, ${cores} core(s)`);
  const done = (result: ChunkResult): boolean => {
    coverage.addTally(result.tally);
    broken = [...broken, ...result.broken];
    const nowMs = performance.now();
    if (nowMs - shownMs >= PROGRESS_MS) {
      shownMs = nowMs;
      say(`  ${coverage.runs} runs, ${rate(coverage.runs, startMs)} a second, ${broken.length} with a broken promise`);
    }
    return broken.length === 0 && nowMs - startMs < minutes * 60_000;
  };
  const hung = await onAllCores({ seed, runs, cores, done, signal: interrupt.signal });
  say(`${coverage.summary()}; ${rate(coverage.runs, startMs)} runs a second`);
  const empty = coverage.empty();
  if (table || coverage.runs >= RUNS_FOR_TABLE) say(`\nhow often each fault came about at each step of the protocol:\n${coverage.table()}\n`);
  for (const { seed: found, violation } of broken) say(`seed ${found}: ${violation.invariant} is broken: ${violation.what}`);
  for (const endless of hung) say(`seed ${endless}: its run has no end; this plays it until Ctrl-C: ${replayCommand(endless)}`);
  const [first] = broken;
  if (first) return replay(first.seed);
  if (hung.length > 0) return 1;
  if (empty.length > 0 && coverage.runs >= RUNS_FOR_TABLE) return say(`${empty.length} cell(s) of the table are empty: ${empty.join(", ")}`, 1);
  return say(`${coverage.runs} passed, 0 failed`, 0);
}

function rate(runs: number, startMs: number): string {
  return (runs / ((performance.now() - startMs) / 1000)).toFixed(0);
}

function say(text: string, code = 0): number {
  process.stdout.write(`${text}\n`);
  return code;
}

await endWith(main);
