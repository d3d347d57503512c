import { createHash } from "node:crypto";
import { planOf } from "./plan-of.ts";
import { run } from "./run.ts";

/** Everything that a seed's run tells, line by line. */
export async function traceOf(seed: number): Promise<string> {
  const lines: string[] = [];
  await run(planOf(seed), (line) => lines.push(line));
  return lines.join("\n");
}

/** The same, short enough to be compared from one process to another. */
export async function hashOfTrace(seed: number): Promise<string> {
  return createHash("sha256").update(await traceOf(seed)).digest("hex");
}
