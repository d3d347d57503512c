import { LIVENESS_MS, Stage, type Telling } from "./stage.ts";
import type { Violation } from "./judge.ts";
import type { Fired } from "./fired.ts";
import { isFaultFree, isGoodDay, type Plan } from "./plan.ts";
import type { Untouched } from "./touched.ts";
import type { Wait } from "./waits.ts";

/** How a run ended. */
export interface Verdict {
  readonly plan: Plan;
  readonly violation: Violation | undefined;
  readonly fired: readonly Fired[];
  readonly steps: number;
  readonly virtualMs: number;
  /** A number for the order in which the replicas' requests of the protocol arrived and what became of them. */
  readonly interleaving: number;
  /** WorkflowExecutions that were fenced. */
  readonly fenced: number;
  /** The longest that a target stood still before a replica moved it. */
  readonly longestWait: Wait;
  /** How much of it was held against every promise to its end. */
  readonly untouched: Untouched;
}

/** Things have to stay as they are for this long before a run is over: what comes late has come by then. */
const CALM_MS = 200;

/** Where nothing goes wrong, nothing waits for the slow look, which is for lost events: something happens at least this often. Virtual milliseconds. */
const PROMPT_MS = 15_000;
/** Where nothing goes wrong but what replicas are told of each other, no target waits longer for one of them. Virtual milliseconds. */
export const MOST_WAIT_MS = 1000;
/** What is still at work after so many steps without a fault goes in a circle. */
const LIVENESS_STEPS = 60_000;

/** Plays a plan to its end: until all is done and nothing lasts, until a promise is broken, or until liveness is. */
export async function run(plan: Plan, tell?: Telling): Promise<Verdict> {
  const stage = new Stage(plan, tell);
  const { timeline } = stage.world;
  const isGood = isGoodDay(plan);
  let stepsBefore: number | undefined;
  let calmSinceMs: number | undefined;
  while (!stage.violation && (await timeline.step())) {
    stage.judgeRuns();
    if (stepsBefore === undefined && timeline.nowMs >= plan.faultsEndMs) {
      stepsBefore = timeline.steps;
      stage.endFaults();
    }
    const unfinished = stage.unfinished();
    if (unfinished === undefined) calmSinceMs ??= timeline.nowMs;
    else calmSinceMs = undefined;
    if (calmSinceMs !== undefined && timeline.nowMs - calmSinceMs > CALM_MS) break;
    if (timeline.nowMs > plan.faultsEndMs + LIVENESS_MS) stage.broken({ invariant: "L1", what: `${LIVENESS_MS / 60_000} minutes after the last fault, ${unfinished}` });
    if (stepsBefore !== undefined && timeline.steps - stepsBefore > LIVENESS_STEPS) stage.broken({ invariant: "L1", what: `${LIVENESS_STEPS} steps after the last fault, ${unfinished}` });
    const { ms, untilMs, what } = stage.longestWait;
    // A target that stays sick is waited for.
    if (isFaultFree(plan) && !plan.sick?.length && ms > MOST_WAIT_MS) stage.broken({ invariant: "L1", what: `without any fault a target waited ${ms.toFixed(0)} ms for a replica, until at ${untilMs.toFixed(0)} ms ${what}` });
    if (isGood && unfinished !== undefined && stage.quietMs > PROMPT_MS) stage.broken({ invariant: "L1", what: `without any fault nothing has happened for ${PROMPT_MS / 1000} s, and ${unfinished}` });
  }
  stage.close();
  const { violation, fired, interleaving, fenced, longestWait, untouched } = stage;
  return { plan, violation, fired, steps: timeline.steps, virtualMs: timeline.nowMs, interleaving, fenced, longestWait, untouched };
}
