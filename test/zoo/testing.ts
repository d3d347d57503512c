import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { withMutant } from "./hunting.ts";
import type { NamedTest } from "./mutant.ts";

const DEADLINE_MS = 120_000;

/** What became of a named test. `absent`: no test of that name ran to its end. */
export type Tested = "passed" | "failed" | "absent";

/** Runs the one test with the mutant of that id in the source, or as it is. */
export async function testing(id: string | undefined, { test, named }: NamedTest): Promise<Tested> {
  const { cwd, execArgv, env } = withMutant(id);
  const pattern = `--test-name-pattern=${named.replaceAll(/[\\^$.*+?()[\]{}|/]/g, String.raw`\$&`)}`;
  const child = spawn(process.execPath, [...execArgv, "--test-reporter=tap", pattern, test], { cwd, env, stdio: ["ignore", "pipe", "ignore"], timeout: DEADLINE_MS, killSignal: "SIGKILL" });
  return verdictOf(await text(child.stdout), named);
}

/** The verdict on that very test in a TAP report: another one's failure, or that of the whole file, is none. Pure. */
export function verdictOf(report: string, named: string): Tested {
  for (const [, not, name] of report.matchAll(/^\s*(not )?ok \d+ - (.*)$/gm)) {
    if (name?.replaceAll("\\#", "#") === named) return not ? "failed" : "passed";
  }
  return "absent";
}
