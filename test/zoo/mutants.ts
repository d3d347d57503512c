import type { Mutant } from "./mutant.ts";
import { endingMutants } from "./mutants/endings.ts";
import { executionEndMutants } from "./mutants/execution-ends.ts";
import { executorMutants } from "./mutants/executor.ts";
import { lockingMutants } from "./mutants/locking.ts";
import { orchestratorMutants } from "./mutants/orchestrator.ts";
import { runtimeMutants } from "./mutants/runtime.ts";

/** Every mutant, in the order of the bug zoo. */
export const mutants: readonly Mutant[] = [...endingMutants, ...executorMutants, ...executionEndMutants, ...orchestratorMutants, ...lockingMutants, ...runtimeMutants].toSorted((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }));

/** RangeError when there is none of that name. */
export function mutantOf(id: string): Mutant {
  const mutant = mutants.find((one) => one.id === id);
  if (!mutant) throw new RangeError(`no mutant is called ${id}`);
  return mutant;
}
