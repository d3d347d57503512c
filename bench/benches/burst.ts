import { startBusy } from "../measure/machine.ts";
import { median, sum } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { addWorkflow, alertOn } from "../support/load.ts";
import type { ReplicaReport } from "../support/replica.ts";
import { setStage } from "../support/stage.ts";

const AIM_SECONDS = 5;
const AIM_RATIO = 1.6;
const ILLNESS = "Illness";

/** Many alerts at once, each on a target of its own. */
export const burst: Bench = {
  name: "burst",
  measures: "from the first POST of a RemediationRequest until the last of as many WorkflowExecutions was seen to exist; every worker at work; a fresh server each time",
  run,
};

/** One round: how long, and what it cost. CPU time says the same beside somebody else's work as on a quiet machine. */
interface Taken {
  readonly seconds: number;
  readonly requests: number;
  /** Writes that lost a compare-and-swap or found their object there already. */
  readonly conflicts: number;
  readonly replicasCpuS: number;
  readonly slowestLoopMs: number;
  readonly serverCpuS: number | undefined;
  readonly busy: number;
}

async function run({ server, quick }: BenchContext): Promise<readonly Row[]> {
  const alerts = quick ? 40 : 200;
  const one: Taken[] = [];
  const three: Taken[] = [];
  const round = async (replicas: number, into: Taken[]): Promise<void> => void into.push(await burstOf(alerts, replicas, server));
  await round(1, one);
  await round(3, three);
  if (!quick) {
    await round(3, three);
    await round(1, one);
  }
  const single = median(one.map(({ seconds }) => seconds));
  const rowOne = rowOf(`${alerts} alerts, 1 replica`, one);
  const rowThree = rowOf(`${alerts} alerts, 3 replicas`, three);
  const ratio = rowThree.figures.seconds / single;
  return [
    { ...rowOne, ...judged(`<= ${AIM_SECONDS} s`, single <= AIM_SECONDS, one) },
    { ...rowThree, figures: { ...rowThree.figures, "ratio to 1": ratio }, ...judged(`<= ${AIM_RATIO} x 1 replica`, ratio <= AIM_RATIO, three, rowOne.figures.requests) },
  ];
}

async function burstOf(alerts: number, count: number, kind: BenchContext["server"]): Promise<Taken> {
  await using stage = await setStage(kind);
  const { cluster, watched, server } = stage;
  await addWorkflow(cluster, "cure", ILLNESS, 50);
  const replicas = await stage.startReplicas(count);
  for (const replica of replicas) await replica.report();
  const cpuBefore = await server.cpuMs();
  const busy = startBusy();
  const startMs = performance.now();
  await Promise.all(Array.from({ length: alerts }, (_, at) => alertOn(cluster, `rr-${at}`, `target-${at}`, ILLNESS)));
  const born = (): number => watched.executions.filter(({ type }) => type === "ADDED").length;
  await watched.until("each alert has a workflow", () => born() === alerts, 120_000);
  const wallMs = performance.now() - startMs;
  const share = busy();
  const cpuAfter = await server.cpuMs();
  const reports: ReplicaReport[] = [];
  for (const replica of replicas) reports.push(await replica.report());
  return {
    seconds: wallMs / 1000,
    requests: counted(reports, () => true),
    conflicts: counted(reports, (name) => name.endsWith(" 409")),
    replicasCpuS: sum(reports.map(({ cpuMs }) => cpuMs)) / 1000,
    slowestLoopMs: Math.max(...reports.map(({ loop }) => loop.p99)),
    serverCpuS: cpuAfter === undefined || cpuBefore === undefined ? undefined : (cpuAfter - cpuBefore) / 1000,
    busy: share,
  };
}

function counted(reports: readonly ReplicaReport[], wanted: (name: string) => boolean): number {
  return sum(reports.flatMap(({ requests }) => Object.entries(requests).flatMap(([name, count]) => (wanted(name) ? [count] : []))));
}

function rowOf(what: string, taken: readonly Taken[]) {
  const middle = (read: (one: Taken) => number): number => median(taken.map(read));
  const servers = taken.flatMap(({ serverCpuS }) => (serverCpuS === undefined ? [] : [serverCpuS]));
  const figures = { seconds: middle(({ seconds }) => seconds), requests: middle(({ requests }) => requests), conflicts: middle(({ conflicts }) => conflicts), "replicas' cpu s": middle(({ replicasCpuS }) => replicasCpuS), "loop p99 ms": middle(({ slowestLoopMs }) => slowestLoopMs), ...(servers.length > 0 ? { "server's cpu s": median(servers) } : {}), "machine busy %": 100 * middle(({ busy }) => busy) };
  return { what, samples: taken.length, figures };
}

function judged(text: string, met: boolean, taken: readonly Taken[], requestsOfOne?: number): Pick<Row, "aim" | "limit"> {
  const middle = (read: (one: Taken) => number): number => median(taken.map(read));
  const rate = middle(({ requests, seconds }) => requests / seconds);
  const more = requestsOfOne === undefined ? "" : `; ${(middle(({ requests }) => requests) / requestsOfOne).toFixed(1)} x the requests of one replica, ${middle(({ conflicts }) => conflicts).toFixed(0)} of them conflicts: others took their turn while the first one's write was on its way`;
  const limit = `${rate.toFixed(0)} requests/s with the whole machine ${(100 * middle(({ busy }) => busy)).toFixed(0)} % busy, of which the replicas ${middle(({ replicasCpuS, seconds }) => replicasCpuS / seconds).toFixed(2)} cores${more}`;
  return { aim: { text, met }, ...(met ? {} : { limit }) };
}
