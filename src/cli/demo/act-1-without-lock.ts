import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { claim } from "./claim.ts";
import { heading, observed, type Screen } from "./screen.ts";
import { alert, mostAtOnce, NAIVE_NAMESPACE, NAMES, type Stage } from "./stage.ts";
import { waitUntil } from "./wait-until.ts";

const ALERTS = 10;

/** Ten alerts, three processes that check and then create: several workflows run at once on one Deployment. */
export async function withoutLock(stage: Stage, screen: Screen): Promise<void> {
  heading(screen, 1, "Without the lock: check, then create");
  screen.write(`${theRace().map((line) => `   | ${line}`).join("\n")}\n\n`);
  const processes = await Promise.all(NAMES.naive.map((name) => stage.startNaive(name)));
  const sinceMs = Date.now();
  for (let at = 1; at <= ALERTS; at++) alert(stage, NAIVE_NAMESPACE, `alert-${at}`, "checkout", "KubePodCrashLooping");
  await waitUntil("workflows ran", 20_000, () => mostAtOnce(stage, NAIVE_NAMESPACE, sinceMs).runs > 0);
  await waitUntil("all workflows that had begun ended", 20_000, () => stage.local.cluster.ledger.every(({ namespace, endedMs }) => namespace !== NAIVE_NAMESPACE || endedMs !== undefined));
  for (const child of processes) child.kill("SIGKILL");
  await Promise.all(processes.map(({ ended }) => ended));
  const { runs, atOnce } = mostAtOnce(stage, NAIVE_NAMESPACE, sinceMs);
  claim(atOnce > 1, "that the naive orchestrators race");
  observed(screen, `3 processes, ${ALERTS} alerts on Deployment shop/checkout: ${runs} workflows, ${atOnce} of them at the same time (the node's ledger)`);
}

/** The lines of the naive orchestrator that matter, as they stand in its source. */
function theRace(): readonly string[] {
  const own = fileURLToPath(new URL("./naive-orchestrator.ts", import.meta.url));
  const path = import.meta.url.endsWith(".ts") ? own : own.replace(/\.ts$/, ".js");
  const lines = readFileSync(path, "utf8").split("\n");
  const marks = lines.flatMap((line, at) => (line.startsWith("// ---") ? [at] : []));
  return lines.slice((marks[0] ?? 0) + 1, marks[1]);
}
