import type { Bench } from "../measure/bench.ts";
import { burst } from "./burst.ts";
import { failover } from "./failover.ts";
import { footprint } from "./footprint.ts";
import { handOff } from "./hand-off.ts";
import { launchLatency } from "./launch-latency.ts";
import { lockCycle } from "./lock-cycle.ts";
import { requests } from "./requests.ts";
import { transport } from "./transport.ts";

/** Every measurement, in the order in which they run. */
export const benches: readonly Bench[] = [lockCycle, transport, launchLatency, handOff, failover, requests, burst, footprint];
