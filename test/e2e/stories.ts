import { tenAtOnce, tenCures, twoHundred } from "./calm.ts";
import { chaos, type Fault } from "./chaos.ts";
import { leasesDeleted, rightsTaken } from "./faults/by-hand.ts";
import { skewedClocks } from "./faults/clock.ts";
import { killAtRandom, killAtStep } from "./faults/kill.ts";
import { mixed } from "./faults/mixed.ts";
import { broken, cut, halfOpen, heldWatch, slow } from "./faults/network.ts";
import { pause } from "./faults/pause.ts";
import { apiServerKilled, etcdKilled } from "./faults/server.ts";
import type { Story } from "./story.ts";

const mixable: readonly Fault[] = [killAtRandom, killAtStep, cut, broken, halfOpen, slow, heldWatch, leasesDeleted];
const faults: readonly Fault[] = [killAtRandom, killAtStep, pause, cut, broken, halfOpen, slow, heldWatch, leasesDeleted, rightsTaken, apiServerKilled, etcdKilled, skewedClocks, mixed(mixable)];

/** Everything that is told, in this order. */
export const stories: readonly Story[] = [tenAtOnce, tenCures, twoHundred, ...faults.map(chaos)];
