import type { Bench } from "../measure/bench.ts";
import { handOff } from "./hand-off.ts";
import { launchLatency } from "./launch-latency.ts";
import { lockCycle } from "./lock-cycle.ts";

/** Every measurement, in the order in which they run. */
export const benches: readonly Bench[] = [lockCycle, launchLatency, handOff];
