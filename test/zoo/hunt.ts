import { planOf } from "../simulation/plan-of.ts";
import { run } from "../simulation/run.ts";
import type { Violation } from "../simulation/judge.ts";
import { notYetIn } from "./put-in.ts";

/** What a hunt is told to do. */
export interface HuntOrder {
  readonly seed: number;
  /** Of processor time. */
  readonly seconds: number;
  /** What counts; anything else is only told. Empty: everything counts. */
  readonly breaks: readonly string[];
}

/** What a hunt tells after each run. `seconds` are of processor time, without those of the start. */
export interface HuntNews {
  readonly runs: number;
  readonly seconds: number;
  readonly seed: number;
  readonly violation: Violation | undefined;
  /** The hunt is over: something that counts was found, or the time is up. */
  readonly over: "found" | "time" | undefined;
}

// One mutant's process: plays seed after seed until a promise is broken that counts.
process.once("message", (order: HuntOrder) => void hunt(order).then(() => process.disconnect()));
// Done, or nobody is left to tell.
process.once("disconnect", () => process.exit());

async function hunt({ seed: first, seconds: limit, breaks }: HuntOrder): Promise<void> {
  const missing = notYetIn();
  if (missing.length > 0) throw new Error(`the simulation does not load ${missing.join(", ")}: its mutant is not in`);
  const start = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    const seed = first + runs - 1;
    const { violation } = await run(planOf(seed));
    const { user, system } = process.cpuUsage(start);
    const seconds = (user + system) / 1e6;
    const counts = violation && (breaks.length === 0 || breaks.includes(violation.invariant));
    const over = counts ? "found" : seconds >= limit ? "time" : undefined;
    await tell({ runs, seconds, seed, violation, over });
    if (over) return;
  }
}

function tell(news: HuntNews): Promise<void> {
  return new Promise((resolve, reject) => process.send?.(news, (error: Error | null) => (error ? reject(error) : resolve())));
}
