import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { controlPlaneBinaries } from "../test/control-plane/binaries.ts";
import { endWith, UsageError } from "../test/support/command-line.ts";
import { benches } from "./benches/all.ts";
import type { Bench, Result } from "./measure/bench.ts";
import { machineNow, wasQuiet, type Machine } from "./measure/machine.ts";
import { tableOf } from "./measure/table.ts";
import type { ServerKind } from "./support/server.ts";

const HELP = `Measures the product as ratios within one run, and says which aims it meets.

  npm run bench                              everything, on both servers: under ten minutes
  npm run bench -- --only NAME,NAME          these alone: ${benches.map(({ name }) => name).join(", ")}
  npm run bench -- --server embedded         on that one alone: embedded, or real, which is built from source once or found by
                                             KUBEBUILDER_ASSETS (default: both)
  npm run bench -- --quick                   few samples: shows that it works, not how fast
  npm run bench -- --json FILE               where the figures go (default: bench/results/<time>.json)

Exit codes: 0 it was measured, whatever aims were missed, 1 it could not be, 2 the command line makes no sense.`;

interface Orders {
  readonly chosen: readonly Bench[];
  readonly servers: readonly ServerKind[];
  readonly quick: boolean;
  readonly json: string;
}

// Children end when this process does: an orderly exit takes along those that would not notice.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));

await endWith(async () => {
  const orders = ordersFrom();
  if (orders) await measure(orders);
  else console.log(HELP);
  return 0;
});

async function measure({ chosen, servers, quick, json }: Orders): Promise<void> {
  if (servers.includes("real")) await controlPlaneBinaries();
  const machine = await machineNow();
  console.log(headingOf(machine, quick));
  await mkdir(dirname(json), { recursive: true });
  const results: Result[] = [];
  for (const bench of chosen) {
    for (const server of servers) {
      const startMs = performance.now();
      const rows = await bench.run({ server, quick });
      const result = { bench: bench.name, measures: bench.measures, server, seconds: (performance.now() - startMs) / 1000, rows };
      results.push(result);
      console.log(`\n${tableOf(result)}`);
      // After each, so that a run that is cut short has not been for nothing.
      await writeFile(json, `${JSON.stringify({ takenAt: new Date().toISOString(), machine, quick, percentiles: "nearest rank", results }, undefined, 1)}\n`);
    }
  }
  console.log(`\n${verdict(results)}\nfigures: ${json}`);
}

function headingOf(machine: Machine, quick: boolean): string {
  const load = wasQuiet(machine) ? "quiet before the run" : `TAKEN UNDER LOAD: others used ${(machine.busyBefore * 100).toFixed(0)} % of it before the run, so only ratios mean something`;
  return `${machine.cores} cores (${machine.model}), Node ${machine.node}; ${load}${quick ? "; quick: few samples" : ""}\nPercentiles by nearest rank: the smallest sample that at least p % are not above.`;
}

function verdict(results: readonly Result[]): string {
  const aims = results.flatMap(({ bench, server, rows }) => rows.flatMap(({ what, aim }) => (aim ? [{ where: `${bench} (${server}): ${what}`, ...aim }] : [])));
  const missed = aims.filter(({ met }) => !met);
  return [`${aims.length - missed.length} of ${aims.length} aims met`, ...missed.map(({ where, text }) => `  missed: ${where}: ${text}`)].join("\n");
}

/** Undefined when only help was asked for. */
function ordersFrom(): Orders | undefined {
  const { values } = parseArgs({ options: { only: { type: "string", multiple: true }, server: { type: "string", default: "both" }, quick: { type: "boolean", default: false }, json: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) return undefined;
  const names = values.only?.flatMap((list) => list.split(",")) ?? benches.map(({ name }) => name);
  const json = values.json ?? join(import.meta.dirname, "results", `${new Date().toISOString().replaceAll(/[:.]/g, "-")}.json`);
  return { chosen: names.map(benchNamed), servers: serversNamed(values.server), quick: values.quick, json };
}

function benchNamed(name: string): Bench {
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) throw new UsageError(`--only: no bench is called ${name}`);
  return bench;
}

function serversNamed(name: string): readonly ServerKind[] {
  if (name === "both") return ["embedded", "real"];
  if (name === "embedded" || name === "real") return [name];
  throw new UsageError(`--server: must be embedded, real or both (seen: ${JSON.stringify(name)})`);
}
