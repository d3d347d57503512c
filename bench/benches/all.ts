import type { Bench } from "../measure/bench.ts";
import { lockCycle } from "./lock-cycle.ts";

/** Every measurement, in the order in which they run. */
export const benches: readonly Bench[] = [lockCycle];
