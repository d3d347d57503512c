import { chanceOf, hashOf, seeded, type Chance } from "./chance.ts";
import { STOPS, type DrawnPlan, type FaultName, type PlannedStop, type StopName } from "./plan.ts";

/** Longer than anything else of a world: a workflow that nobody stops is still at work when all has to have ended. */
const RUN_MS = 10 * 3_600_000;

/** What can not go wrong as well: the end would not come, or hours later. */
const WITHOUT: Readonly<Record<StopName, readonly FaultName[]>> = {
  limit: ["clock-jump", "clock-drift"],
  "request-cancelled": [],
  "request-deleted": [],
  // What is deleted waits for its executions to be collected, or for their name to be free.
  "owner-lost": ["execution-deleted", "request-deleted", "request-recreated"],
  "execution-deleted": [],
};

/**
 * Three seeds in a hundred are a day on which workflows would run for hours, and each is stopped: step 10. Drawn by itself: everything else of a
 * seed stays as it is, what goes wrong included. `more`: what else may go wrong, once it has come to this.
 */
export function withLongRuns(plan: DrawnPlan, more: (chance: Chance) => DrawnPlan["faults"]): DrawnPlan {
  const chance = chanceOf(seeded(hashOf(plan.seed, "long run")));
  if (!chance.is(0.03)) return plan;
  const stop = stopOf(chance);
  const faults = [...plan.faults, ...(chance.is(0.5) ? more(chance) : [])].filter(({ name }) => !WITHOUT[stop.by].includes(name));
  return { ...plan, stop, faults, workflows: plan.workflows.map((workflow) => ({ ...workflow, runMs: RUN_MS })) };
}

function stopOf(chance: Chance): PlannedStop {
  const by = chance.one(STOPS);
  return { by, afterMs: by === "limit" ? chance.int(1, 20) * 1000 : chance.spread(1, 20_000), choice: chance.between(0, 1) };
}
