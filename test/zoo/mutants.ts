import { executorMutants } from "./mutants/executor.ts";
import type { Mutant } from "./mutant.ts";

/** Every mutant, in the order of the bug zoo. */
export const mutants: readonly Mutant[] = [...executorMutants];

/** RangeError when there is none of that name. */
export function mutantOf(id: string): Mutant {
  const mutant = mutants.find((one) => one.id === id);
  if (!mutant) throw new RangeError(`no mutant is called ${id}`);
  return mutant;
}
