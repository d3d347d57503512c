import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { controlPlaneBinaries } from "../test/control-plane/binaries.ts";
import { benches } from "./benches/all.ts";
import type { Bench, Result } from "./measure/bench.ts";
import { machineNow, wasQuiet, type Machine } from "./measure/machine.ts";
import { tableOf } from "./measure/table.ts";
import type { ServerKind } from "./support/server.ts";

const USAGE = `npm run bench -- [--only name[,name]] [--server embedded|real|both] [--quick] [--json FILE]

  --only    ${benches.map(({ name }) => name).join(", ")}
  --server  where to measure (default: both; the real one is built from source once, or found by KUBEBUILDER_ASSETS)
  --quick   few samples: shows that it works, not how fast
  --json    where the figures go (default: bench/results/<time>.json)`;

interface Orders {
  readonly chosen: readonly Bench[];
  readonly servers: readonly ServerKind[];
  readonly quick: boolean;
  readonly json: string;
}

// Children end when this process does: an orderly exit takes along those that would not notice.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => process.exit(130));
const orders = ordersFrom(process.argv.slice(2));
if (orders) await measure(orders);

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

/** Undefined when only help was asked for or something is wrong; then it has been said. */
function ordersFrom(argv: readonly string[]): Orders | undefined {
  try {
    const { values } = parseArgs({ args: [...argv], options: { only: { type: "string", multiple: true }, server: { type: "string", default: "both" }, quick: { type: "boolean", default: false }, json: { type: "string" }, help: { type: "boolean", default: false } } });
    if (values.help) {
      console.log(USAGE);
      return undefined;
    }
    const names = values.only?.flatMap((list) => list.split(",")) ?? benches.map(({ name }) => name);
    const json = values.json ?? join(import.meta.dirname, "results", `${new Date().toISOString().replaceAll(/[:.]/g, "-")}.json`);
    return { chosen: names.map(benchNamed), servers: serversNamed(values.server), quick: values.quick, json };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    process.exitCode = 2;
    console.error(`${error.message}\n\n${USAGE}`);
    return undefined;
  }
}

function benchNamed(name: string): Bench {
  const bench = benches.find((candidate) => candidate.name === name);
  if (!bench) throw new TypeError(`--only: no bench ${JSON.stringify(name)}`);
  return bench;
}

function serversNamed(name: string): readonly ServerKind[] {
  if (name === "both") return ["embedded", "real"];
  if (name === "embedded" || name === "real") return [name];
  throw new TypeError(`--server: must be embedded, real or both (seen: ${JSON.stringify(name)})`);
}
