import type { RequestRecord } from "../../src/kube/client.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { allKnown, setStage, type Stage } from "../support/stage.ts";

const FLEETS = [1, 3, 10] as const;
const AIM_WRITES = 20;
const WRITES = new Set(["create", "update", "patch", "delete"]);
/** Events are written a second late. */
const LATE_WRITES_MS = 1300;
const EXTRA = "a second Event when a remediation takes longer than the second that one Event covers, and what several replicas wrote at once (the lines with 409)";

/** What one remediation costs the API server, by kind and verb, in fleets of several sizes. */
export const requests: Bench = {
  name: "requests",
  measures: "requests of a remediation with nothing in its way, from alert to Remediated, one after the other, by all replicas together; without watches and the renewals of memberships",
  run,
};

async function run(context: BenchContext): Promise<readonly Row[]> {
  const rounds = context.quick ? 2 : 6;
  const fleets: ReadonlyMap<string, number>[] = [];
  for (const replicas of FLEETS) fleets.push(await countedWith(replicas, rounds, context));
  const names = [...new Set(fleets.flatMap((counts) => [...counts.keys()]))].toSorted();
  const row = (what: string, of: (counts: ReadonlyMap<string, number>) => number): Row => ({ what, samples: rounds, figures: Object.fromEntries(FLEETS.map((replicas, at) => [`${replicas} replica${replicas > 1 ? "s" : ""}`, of(fleets[at] ?? new Map())])) });
  const writes = fleets.map((counts) => Math.round(total(counts, isWrite) * 100) / 100);
  const met = writes.every((each) => each <= AIM_WRITES);
  return [
    { ...row("writes", (counts) => total(counts, isWrite)), aim: { text: `<= ${AIM_WRITES}, the same in every fleet`, met }, ...(met ? {} : { limit: `over ${AIM_WRITES} are ${(Math.max(...writes) - AIM_WRITES).toFixed(1)} writes: ${EXTRA}` }) },
    row("of them refused (409, 422)", (counts) => total(counts, (name) => isWrite(name) && /(409|422)$/.test(name))),
    row("reads", (counts) => total(counts, (name) => !isWrite(name))),
    ...names.map((name) => row(`  ${name}`, (counts) => counts.get(name) ?? 0)),
  ];
}

async function countedWith(replicas: number, rounds: number, { server }: BenchContext): Promise<ReadonlyMap<string, number>> {
  await using stage = await setStage(server);
  const { cluster } = stage;
  await cluster.workflow("restart");
  for (let at = 0; at < replicas; at++) await cluster.startReplica(`replica-${at}`);
  await allKnown(cluster, replicas);
  const before = cluster.requests.length;
  for (let round = 0; round < rounds; round++) await remediate(stage, `rr-${round}`);
  await new Promise((resolve) => setTimeout(resolve, LATE_WRITES_MS));
  return perRound(cluster.requests.slice(before), rounds);
}

/** Each waits for the one before, so that none is covered by it. */
async function remediate({ cluster, watched }: Stage, name: string): Promise<void> {
  await cluster.alert(name);
  await watched.until(`${name} ended`, () => watched.requests.some(({ object: { metadata, status } }) => metadata.name === name && status?.completedAt !== undefined));
}

function perRound(records: readonly RequestRecord[], rounds: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { verb, kind, status } of records) {
    if (verb === "watch" || (verb === "update" && kind === "Lease" && status === 200)) continue;
    const name = `${verb} ${kind}${status >= 400 || status === 0 ? ` ${status}` : ""}`;
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return new Map([...counts].map(([name, count]) => [name, count / rounds]));
}

function isWrite(name: string): boolean {
  return WRITES.has(name.split(" ")[0] ?? "");
}

function total(counts: ReadonlyMap<string, number>, wanted: (name: string) => boolean): number {
  return [...counts].reduce((all, [name, count]) => all + (wanted(name) ? count : 0), 0);
}
