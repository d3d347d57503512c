import { hunting, type Hunted } from "./hunting.ts";
import type { Mutant } from "./mutant.ts";
import { testing, type Tested } from "./testing.ts";

/** What became of one mutant. */
export interface Specimen {
  readonly mutant: Mutant;
  readonly caught: boolean;
  /** What broke: the promise, or the test; or how it got away. */
  readonly broken: string;
  readonly runs: number | undefined;
  readonly seconds: number;
  readonly seed: number | undefined;
}

/** Puts one mutant in and waits for it to be caught, by what its entry names. */
export async function specimenOf(mutant: Mutant, { seed, seconds }: { readonly seed: number; readonly seconds: number }): Promise<Specimen> {
  if (mutant.by === "simulation") return hunted(mutant, await hunting(mutant.id, { seed, seconds, breaks: mutant.breaks }));
  const startMs = performance.now();
  const sane = await testing(undefined, mutant.by);
  const sick = sane === "passed" ? await testing(mutant.id, mutant.by) : sane;
  return tested(mutant, sane, sick, (performance.now() - startMs) / 1000);
}

function hunted(mutant: Mutant, { found, runs, seconds, others }: Hunted): Specimen {
  const also = [...others].map(([invariant, times]) => `${invariant} ${times} times`).join(", ");
  const broken = found?.broken ?? (also ? `SURVIVED, though it broke ${also}` : "SURVIVED");
  return { mutant, caught: found !== undefined, broken, runs, seconds, seed: found?.seed };
}

function tested(mutant: Mutant, sane: Tested, sick: Tested, seconds: number): Specimen {
  const broken = sane !== "passed" ? `its test ${sane} without it` : sick === "failed" ? "test" : `SURVIVED, its test ${sick}`;
  return { mutant, caught: sane === "passed" && sick === "failed", broken, runs: undefined, seconds, seed: undefined };
}
