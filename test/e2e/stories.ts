import { chaos } from "./chaos.ts";
import { killAtRandom, killAtStep } from "./faults/kill.ts";
import type { Story } from "./story.ts";

/** Everything that is told, in this order. */
export const stories: readonly Story[] = [chaos(killAtRandom), chaos(killAtStep)];
