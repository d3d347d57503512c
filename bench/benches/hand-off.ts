import { startBusy } from "../measure/machine.ts";
import { latency, median } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { setStage } from "../support/stage.ts";
import { storm } from "../support/storm.ts";
import { startYardstick } from "../support/yardstick.ts";

const AIM_P50_MS = 20;
const AIM_P99_MS = 100;
/** Seen in a trace of the requests of one replica; see bench/README.md. */
const STEPS = "four requests in a row (DELETE Lease; PUT RR, POST Lease, POST WFE) and the delivery of a watch in between";

/** How soon the next one gets a target that has become free. */
export const handOff: Bench = {
  name: "hand-off",
  measures: "from the end of a WorkflowExecution to the creation of the next one on its target, both as one watch told them",
  async run(context) {
    return [await withReplicas(3, context), await withReplicas(1, context)];
  },
};

async function withReplicas(count: number, { server, quick }: BenchContext): Promise<Row> {
  await using stage = await setStage(server);
  await stage.startReplicas(count);
  const busy = startBusy();
  const yardstick = startYardstick(stage.cluster.client, stage.cluster.namespace);
  const { handOffMs, most } = await storm(stage, quick ? { targets: 3, alertsEach: 4 } : { targets: 6, alertsEach: 11 });
  const bare = await yardstick.stop();
  const figures = { ...latency(handOffMs), "bare POST p50 ms": median(bare), "x bare POST": median(handOffMs) / median(bare), "most at once": most };
  const met = figures["p50 ms"] <= AIM_P50_MS && figures["p99 ms"] <= AIM_P99_MS && most === 1;
  const limit = `${STEPS}; a bare POST of a Lease took ${median(bare).toFixed(1)} ms (P99 ${latency(bare)["p99 ms"].toFixed(0)}) meanwhile, with the whole machine ${(busy() * 100).toFixed(0)} % busy`;
  return { what: `${count} replica${count > 1 ? "s" : ""}`, samples: handOffMs.length, figures, aim: { text: `P50 <= ${AIM_P50_MS} ms, P99 <= ${AIM_P99_MS} ms, never 2`, met }, ...(met ? {} : { limit }) };
}
