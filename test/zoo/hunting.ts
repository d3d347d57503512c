import { fork } from "node:child_process";
import { join } from "node:path";
import type { HuntNews, HuntOrder } from "./hunt.ts";
import type { Broken } from "./mutant.ts";

const ROOT = join(import.meta.dirname, "..", "..");
const PUT_IN = "./test/zoo/put-in.ts";
/** A run that nothing is heard of for so many times the time limit is in a circle: the machine may be busy with other things. */
const SILENCE = 3;
const LEAST_SILENCE_MS = 60_000;

/** What a hunt came to. `others` are violations that did not count, with how often each came. Seconds are of processor time. */
export interface Hunted {
  readonly found: { readonly broken: Broken; readonly what: string; readonly seed: number } | undefined;
  readonly runs: number;
  readonly seconds: number;
  readonly others: ReadonlyMap<string, number>;
}

/** Arguments and environment of a Node process with the mutant of that id in it; without one, as it is. */
export function withMutant(id: string | undefined): { readonly cwd: string; readonly execArgv: string[]; readonly env: NodeJS.ProcessEnv } {
  // Undefined and not absent: the caller's own environment may name one.
  return { cwd: ROOT, execArgv: ["--import", PUT_IN], env: { ...process.env, ZOO_MUTANT: id } };
}

/** Plays seeds in a process of its own until something that counts is broken or the time is up. Throws when the process fails. */
export function hunting(id: string | undefined, order: HuntOrder): Promise<Hunted> {
  const child = fork(join(import.meta.dirname, "hunt.ts"), withMutant(id));
  const { promise, resolve, reject } = Promise.withResolvers<Hunted>();
  const others = new Map<string, number>();
  let news: HuntNews | undefined;
  const silent = (): void => {
    child.kill("SIGKILL");
    const seed = news ? news.seed + 1 : order.seed;
    const found = order.breaks.includes("hang") ? ({ broken: "hang", what: "a run without an end", seed } as const) : undefined;
    if (!found) others.set("hang", 1);
    resolve({ found, runs: (news?.runs ?? 0) + 1, seconds: news?.seconds ?? 0, others });
  };
  const watchdog = setTimeout(silent, Math.max(LEAST_SILENCE_MS, SILENCE * order.seconds * 1000));
  child.on("message", (latest: HuntNews) => {
    watchdog.refresh();
    news = latest;
    const { violation, over, runs, seconds, seed } = latest;
    if (violation && over !== "found") others.set(violation.invariant, (others.get(violation.invariant) ?? 0) + 1);
    if (over) resolve({ found: over === "found" && violation ? { broken: violation.invariant, what: violation.what, seed } : undefined, runs, seconds, others });
  });
  child.on("error", reject);
  child.on("exit", (code) => reject(new Error(`the hunt${id ? ` for ${id}` : ""} ended with code ${code}`)));
  child.send(order);
  return promise.finally(() => clearTimeout(watchdog));
}
