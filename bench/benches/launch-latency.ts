import { latency, median } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import type { LaunchSample } from "../support/launch-probe.ts";
import { addWorkflow, alertOn } from "../support/load.ts";
import type { ReplicaProcess, ReplicaReport } from "../support/replica.ts";
import { setStage, type Stage } from "../support/stage.ts";
import { storm } from "../support/storm.ts";
import { startYardstick } from "../support/yardstick.ts";

const REPLICAS = 3;
const AIM_P95_MS = 10;
const REQUIRED_P95_MS = 20;
const ILLNESS = "Illness";

/** What lock and checks add to the way from a RemediationRequest to its WorkflowExecution. */
export const launchLatency: Bench = {
  name: "launch-latency",
  measures: `lock + checks of a launch: from the POST of the claim's Lease to the POST of the WorkflowExecution, in the client of the replica that launches; ${REPLICAS} replicas`,
  async run(context) {
    return [...(await alone(context)), ...(await contended(context))];
  },
};

/** One after the other, each on a target of its own. */
async function alone({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  await addWorkflow(stage.cluster, "cure", ILLNESS, 20);
  const replicas = await stage.startReplicas(REPLICAS);
  for (let at = 0; at < 3; at++) await launchOne(stage, `rr-warm-up-${at}`);
  await launchesOf(replicas);
  const yardstick = startYardstick(stage.cluster.client, stage.cluster.namespace);
  const toWfe: number[] = [];
  for (let at = 0; at < (quick ? 15 : 80); at++) toWfe.push(await launchOne(stage, `rr-${at}`));
  const launches = await launchesOf(replicas);
  const bare = await yardstick.stop();
  const direct: Row = { what: "RR to WFE in all, no contention", samples: toWfe.length, figures: latency(toWfe) };
  return [launchedRow("lock + checks, no contention", launches, bare), bareRow(bare), direct];
}

async function launchOne({ cluster, watched }: Stage, name: string): Promise<number> {
  const born = (changes: Stage["watched"]["requests" | "executions"]): number | undefined => changes.find(({ object }) => ("workflowRef" in object.spec ? object.spec.remediationRequestRef.name : object.metadata.name) === name)?.atMs;
  await alertOn(cluster, name, name, ILLNESS);
  await watched.until(`${name} has a workflow`, () => born(watched.executions) !== undefined && born(watched.requests) !== undefined);
  return (born(watched.executions) ?? Number.NaN) - (born(watched.requests) ?? Number.NaN);
}

/** Many at once on few targets: each waits for the one before. */
async function contended({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  const replicas = await stage.startReplicas(REPLICAS);
  const size = quick ? { targets: 4, alertsEach: 4 } : { targets: 10, alertsEach: 8 };
  const yardstick = startYardstick(stage.cluster.client, stage.cluster.namespace);
  await storm(stage, size);
  const bare = await yardstick.stop();
  const launches = await launchesOf(replicas);
  const refused = launches.filter(({ end }) => end === "refused").map(({ ms }) => ms);
  const what = `lock + checks, ${size.alertsEach} at once on each of ${size.targets} targets`;
  return [launchedRow(what, launches, bare), bareRow(bare), { what: "POST + GET of a Lease that somebody else has", samples: refused.length, figures: latency(refused) }];
}

async function launchesOf(replicas: readonly ReplicaProcess[]): Promise<readonly LaunchSample[]> {
  const reports: ReplicaReport[] = [];
  for (const replica of replicas) reports.push(await replica.report());
  return reports.flatMap(({ launches }) => launches);
}

function launchedRow(what: string, launches: readonly LaunchSample[], bare: readonly number[]): Row {
  const ms = launches.filter(({ end }) => end === "launched").map((launch) => launch.ms);
  const figures = latency(ms);
  const ratio = figures["p50 ms"] / median(bare);
  const met = figures["p95 ms"] < AIM_P95_MS;
  const required = figures["p95 ms"] < REQUIRED_P95_MS ? `the required ${REQUIRED_P95_MS} ms are met` : `the required ${REQUIRED_P95_MS} ms are missed too`;
  const limit = `${required}; a bare POST of a Lease had a P95 of ${latency(bare)["p95 ms"].toFixed(1)} ms on this server meanwhile, and this is one of those`;
  return { what, samples: ms.length, figures: { ...figures, "x bare POST": ratio }, aim: { text: `P95 < ${AIM_P95_MS} ms`, met }, ...(met ? {} : { limit }) };
}

function bareRow(bare: readonly number[]): Row {
  return { what: "  a bare POST of a Lease meanwhile", samples: bare.length, figures: { ...latency(bare), "x bare POST": 1 } };
}
