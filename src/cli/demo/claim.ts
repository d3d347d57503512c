/** The demo saw something else than it claims: it ends with exit code 1. */
export class NotObserved extends Error {
  override readonly name = "NotObserved";
}

/** Throws NotObserved unless what is claimed was observed. */
export function claim(holds: boolean, what: string): asserts holds {
  if (!holds) throw new NotObserved(`not observed: ${what}`);
}

/** The middle one of some numbers, and the greatest. */
export function median(values: readonly number[]): { readonly median: number; readonly max: number } {
  const sorted = values.toSorted((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}
