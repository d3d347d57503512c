import { spawn } from "node:child_process";
import { globSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { endWith } from "../support/command-line.ts";
import { checkTools, compile, ToolMissingError, type Found } from "./checker.ts";
import { ABLATIONS, buildOf, faultsInWords, hashBitsOf, SCENARIOS, type Scenario } from "./scenarios.ts";

const HELP = `Searches all states of the model of the safety protocol, whole and with one guard after the other taken out, and then
looks whether it can do what the simulation did.

  npm run model               everything
  npm run model -- --quick    the part for every change: the smaller scenarios, all ablations, fewer traces

Needs Spin and a C compiler: apt-get install spin gcc libc6-dev
Ctrl-C ends it, and leaves no files behind.

Exit codes: 0 all came out as it should, 1 something did not, 2 the command line makes no sense or a tool is missing.`;

const AT_ONCE = 2;
const TELL_EVERY_MS = 30_000;
const QUICK_SEEDS = 60;
const ALL_SEEDS = 400;
const ROOT = join(import.meta.dirname, "..", "..");

interface Verdict {
  readonly scenario: Scenario;
  readonly found?: Found;
  readonly passed: boolean;
  readonly said: string;
}

// Programs and folders go with an orderly exit.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
await endWith(main);

async function main(): Promise<number> {
  const { values } = parseArgs({ options: { quick: { type: "boolean", default: false }, help: { type: "boolean" } } });
  if (!values.help) return search(values.quick);
  console.log(HELP);
  return 0;
}

async function search(quick: boolean): Promise<number> {
  try {
    console.log(await checkTools());
  } catch (error) {
    if (!(error instanceof ToolMissingError)) throw error;
    console.error(error.message);
    return 2;
  }
  const startedMs = performance.now();
  const scenarios = SCENARIOS.filter((scenario) => !quick || scenario.quick);
  const verdicts = await judgeAll([...scenarios, ...ABLATIONS]);
  console.log(table(verdicts.slice(0, scenarios.length)));
  console.log(table(verdicts.slice(scenarios.length)));
  const traces = await traceCheck(quick ? QUICK_SEEDS : ALL_SEEDS);
  const megabytes = Math.max(...verdicts.map(({ found }) => found?.megabytes ?? 0));
  console.log(`${((performance.now() - startedMs) / 60_000).toFixed(1)} minutes, ${AT_ONCE} searches at once, of up to ${count(Math.round(megabytes))} MB`);
  const passed = verdicts.filter((verdict) => verdict.passed).length + traces.passed;
  const failed = verdicts.filter((verdict) => !verdict.passed).length + traces.failed;
  console.log(`${passed} passed, ${failed} failed`);
  return failed === 0 ? 0 : 1;
}

/** Judges all, some at once; in the given order. */
async function judgeAll(scenarios: readonly Scenario[]): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = [];
  const waiting = scenarios.entries();
  const underWay = new Set<string>();
  let done = 0;
  const work = async (): Promise<void> => {
    for (const [at, scenario] of waiting) {
      underWay.add(scenario.name);
      const verdict = await judge(scenario);
      underWay.delete(scenario.name);
      verdicts[at] = verdict;
      console.log(`${++done}/${scenarios.length} ${inWords(verdict)}`);
    }
  };
  const telling = setInterval(() => console.log(`      under way: ${[...underWay].join("; ")}`), TELL_EVERY_MS);
  await Promise.all(Array.from({ length: AT_ONCE }, work)).finally(() => clearInterval(telling));
  return verdicts;
}

function inWords({ scenario, found, passed, said }: Verdict): string {
  const figures = found ? `, ${count(found.states)} states, ${found.seconds.toFixed(1)} s, ${found.megabytes.toFixed(0)} MB` : "";
  return `${passed ? "ok    " : "FAILED"} ${scenario.name}, ${scenario.requests} requests: ${said}${figures}`;
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
  const kill = (): void => void child.kill();
  process.once("exit", kill);
  let output = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    process.stdout.write(text);
  });
  return new Promise((resolve) => {
    child.on("close", (code) => {
      process.removeListener("exit", kill);
      const [, passed = "0", failed = "0"] = /(\d+) passed, (\d+) failed/.exec(output) ?? [];
      // A run that ends badly without a failed test has failed all the same.
      resolve({ passed: Number(passed), failed: code === 0 ? Number(failed) : Math.max(1, Number(failed)) });
    });
  });
}
