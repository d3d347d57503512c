import { isTerminalExecution } from "../../src/api/workflow-execution.ts";
import { handOffs } from "../../test/support/watched.ts";
import { addWorkflow, alertOn } from "./load.ts";
import type { Stage } from "./stage.ts";

/** So many alerts at once on each of so many targets, each of another illness: none is covered by another's cure. */
export interface Storm {
  readonly targets: number;
  readonly alertsEach: number;
}

/** From each end of a WorkflowExecution to the creation of the next one on its target, as one watch told both. */
export interface StormAnswer {
  readonly handOffMs: readonly number[];
  /** The most WorkflowExecutions that were unfinished at once on one target. */
  readonly most: number;
}

const RUN_MS = 20;
const WITHIN_MS = 120_000;

/** Lets it loose and waits until the last workflow has ended. */
export async function storm({ cluster, watched }: Stage, { targets, alertsEach }: Storm): Promise<StormAnswer> {
  const illnesses = Array.from({ length: alertsEach }, (_, at) => `Illness${at}`);
  for (const illness of illnesses) await addWorkflow(cluster, `cure-${illness.toLowerCase()}`, illness, RUN_MS);
  const names = Array.from({ length: targets }, (_, at) => `target-${at}`);
  await Promise.all(names.flatMap((target) => illnesses.map((illness) => alertOn(cluster, `rr-${target}-${illness.toLowerCase()}`, target, illness))));
  const ended = (): number => new Set(watched.executions.filter(({ object }) => isTerminalExecution(object)).map(({ object }) => object.metadata.uid)).size;
  await watched.until("every workflow ended", () => ended() === targets * alertsEach, WITHIN_MS);
  const each = names.map((name) => handOffs(watched.executions.filter(({ object }) => object.spec.targetResource.endsWith(`/${name}`))));
  return { handOffMs: each.flatMap(({ ms }) => ms), most: Math.max(...each.map(({ most }) => most)) };
}
