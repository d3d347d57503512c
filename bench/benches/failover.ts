import { latency } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { watchClaimants, type Claimants } from "../support/claimants.ts";
import { startFleet, type Fleet } from "../support/fleet.ts";
import { addWorkflow, alertOn } from "../support/load.ts";
import { allKnown, setStage, type Stage } from "../support/stage.ts";

const REPLICAS = ["replica-0", "replica-1", "replica-2"];
const ILLNESS = "Illness";
const AIM_MS = 1000;
/** A write that shows sooner than this after the kill was on its way before it: nobody else acts within 300 ms. */
const IN_FLIGHT_MS = 150;
const WITHIN_MS = 30_000;

/** How soon another replica goes on when the one that acts is killed. */
export const failover: Bench = {
  name: "failover",
  measures: `kill -9 of the replica that acts, in the moment in which its claim shows; ${REPLICAS.length} processes of \`ro run\`; a write within ${IN_FLIGHT_MS} ms of the kill counts as the dead one's`,
  run,
};

/** Milliseconds from the kill. */
interface Recovery {
  readonly firstWriteMs: number;
  /** Until the workflow was active; undefined when it was so before anybody else had to do anything. */
  readonly runningMs: number | undefined;
}

async function run({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  const { cluster } = stage;
  await addWorkflow(cluster, "cure", ILLNESS, 50);
  await using fleet = await startFleet(stage, REPLICAS);
  await using claimants = await watchClaimants(cluster.client, cluster.namespace);
  const recoveries: Recovery[] = [];
  for (let at = 0; at < (quick ? 2 : 8); at++) recoveries.push(await killActor(stage, fleet, claimants, `rr-${at}`));
  const running = recoveries.flatMap(({ runningMs }) => (runningMs === undefined ? [] : [runningMs]));
  const untilRunning = latency(running);
  const met = untilRunning["max ms"] <= AIM_MS;
  const limit = "each step of a dead replica's target waits its survivors' turn, 300 ms and 500 ms, until its membership has run out (6 s)";
  return [
    { what: "first write of another replica", samples: recoveries.length, figures: latency(recoveries.map(({ firstWriteMs }) => firstWriteMs)) },
    { what: "workflow active", samples: running.length, figures: untilRunning, aim: { text: `<= ${AIM_MS} ms, each`, met }, ...(met ? {} : { limit }) },
    { what: "workflow was active before the kill", samples: recoveries.length - running.length, figures: {} },
  ];
}

async function killActor(stage: Stage, fleet: Fleet, claimants: Claimants, name: string): Promise<Recovery> {
  const { cluster, watched } = stage;
  await allKnown(cluster, REPLICAS.length);
  await alertOn(cluster, name, name, ILLNESS);
  const actor = await claimants.claimant(name);
  const { atMs, ended } = fleet.kill(actor);
  await ended;
  const changes = () => [...watched.requests.filter(({ object }) => object.metadata.name === name), ...watched.executions.filter(({ object }) => object.spec.remediationRequestRef.name === name)];
  const survivors = (): number | undefined => changes().map((change) => change.atMs - atMs).filter((ms) => ms > IN_FLIGHT_MS).toSorted((a, b) => a - b)[0];
  const active = (): number | undefined => watched.executions.find(({ object }) => object.spec.remediationRequestRef.name === name && object.status?.phase === "Running")?.atMs;
  await watched.until(`${name} goes on and its workflow is active`, () => survivors() !== undefined && active() !== undefined, WITHIN_MS);
  const runningMs = (active() ?? Number.NaN) - atMs;
  await fleet.start(actor);
  return { firstWriteMs: survivors() ?? Number.NaN, runningMs: runningMs > IN_FLIGHT_MS ? runningMs : undefined };
}
