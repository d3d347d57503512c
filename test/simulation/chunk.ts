import { Coverage, type Tally } from "./coverage.ts";
import type { Violation } from "./judge.ts";
import { planOf } from "./plan-of.ts";
import { run } from "./run.ts";

/** Seeds from `from` on, `count` of them. */
export interface Chunk {
  readonly from: number;
  readonly count: number;
}

/** What became of them; it can be sent from one thread to another. */
export interface ChunkResult {
  readonly tally: Tally;
  readonly broken: readonly { readonly seed: number; readonly violation: Violation }[];
}

/** What a core tells of its chunk: each seed as its run begins, and at the end what became of them all. */
export type ChunkNews = { readonly kind: "begins"; readonly seed: number } | { readonly kind: "done"; readonly result: ChunkResult };

/** Runs the plans of a range of seeds; `begins` is told of each before. */
export async function runChunk({ from, count }: Chunk, begins: (seed: number) => void): Promise<ChunkResult> {
  const coverage = new Coverage();
  const broken: { readonly seed: number; readonly violation: Violation }[] = [];
  for (let seed = from; seed < from + count; seed++) {
    begins(seed);
    const verdict = await run(planOf(seed));
    coverage.add(verdict);
    if (verdict.violation) broken.push({ seed, violation: verdict.violation });
  }
  return { tally: coverage.take(), broken };
}
