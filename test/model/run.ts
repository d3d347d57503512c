import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { checkTools, compile, ToolMissingError, type Found } from "./checker.ts";
import { ABLATIONS, buildOf, faultsInWords, hashBitsOf, SCENARIOS, type Scenario } from "./scenarios.ts";

// The checked model of the safety protocol, whole or (--quick) the part for every commit, and after it the trace check.
const AT_ONCE = 2;
const QUICK_SEEDS = 60;
const ALL_SEEDS = 400;
const ROOT = join(import.meta.dirname, "..", "..");

interface Verdict {
  readonly scenario: Scenario;
  readonly found?: Found;
  readonly passed: boolean;
  readonly said: string;
}

process.exitCode = await main(process.argv.includes("--quick"));

async function main(quick: boolean): Promise<number> {
  try {
    console.log(await checkTools());
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    console.error(error.message);
    return 2;
  }
  const scenarios = [...SCENARIOS, ...ABLATIONS].filter((scenario) => !quick || scenario.quick);
  const verdicts = await judgeAll(scenarios);
  console.log(table(verdicts));
  const traces = await traceCheck(quick ? QUICK_SEEDS : ALL_SEEDS);
  const passed = verdicts.filter((verdict) => verdict.passed).length + traces.passed;
  const failed = verdicts.filter((verdict) => !verdict.passed).length + traces.failed;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Judges all, two at once; in the given order. */
async function judgeAll(scenarios: readonly Scenario[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = scenarios.entries();
  const work = async (): Promise<void> => {
    for (const [at, scenario] of waiting) {
      const verdict = await judge(scenario);
      verdicts[at] = verdict;
      console.log(`${verdict.passed ? "ok    " : "FAILED"} ${scenario.name}: ${verdict.said}${verdict.found ? `, ${count(verdict.found.states)} states, ${verdict.found.seconds.toFixed(1)} s` : ""}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return verdicts;
}

async function judge(scenario: Scenario): Promise<Verdict> {
  try {
    await using verifier = await compile(buildOf(scenario));
    const found = await verifier.run({ hashBits: hashBitsOf(scenario) });
    const passed = found.broken === scenario.breaks;
    const said = found.broken ? `${found.broken} breaks` : "holds";
    return { scenario, found, passed, said: passed ? said : `${said}, but ${scenario.breaks ? `${scenario.breaks} should break` : "nothing should break"}` };
  } catch (error) {
    return { scenario, passed: false, said: String(error) };
  }
}

function table(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ scenario, found, said }) => [
    scenario.name,
    String(scenario.requests),
    faultsInWords(scenario),
    found ? count(found.states) : "",
    found ? count(found.transitions) : "",
    found ? found.seconds.toFixed(1) : "",
    found ? found.megabytes.toFixed(0) : "",
    said.split("\n")[0] ?? "",
  ]);
  const head = ["scenario", "RRs", "faults", "states", "transitions", "seconds", "MB", "verdict"];
  return ["", head.join(" | "), head.map(() => "---").join(" | "), ...rows.map((row) => row.join(" | ")), ""].join("\n");
}

function count(figure: number): string {
  return figure.toLocaleString("en").replaceAll(",", " ");
}

/** The tests beside this file, with so many seeds of the simulation and the project's reporter; its closing line counts them. */
function traceCheck(seeds: number): Promise<{ readonly passed: number; readonly failed: number }> {
  const reporter = ["--test-reporter=./test/support/reporter.ts", "--test-reporter-destination=stdout"];
  const files = globSync("*.test.ts", { cwd: import.meta.dirname }).map((file) => relative(ROOT, join(import.meta.dirname, file)));
  if (files.length === 0) throw new Error("there are no tests beside this file");
  const child = spawn(process.execPath, ["--test", "--test-timeout=300000", ...reporter, ...files], { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, MODEL_SEEDS: String(seeds) } });
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      const [, passed = "0", failed = "0"] = /(\d+) passed, (\d+) failed/.exec(output) ?? [];
      // A run that ends badly without a failed test has failed all the same.
      resolve({ passed: Number(passed), failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)) });
    });
  });
}
