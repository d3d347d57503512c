/** The p-th percentile by nearest rank: the smallest value that at least p % of all are not above. NaN of nothing. */
export function percentile(values: readonly number[], p: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil((p / 100) * sorted.length) - 1)] ?? Number.NaN;
}

export function median(values: readonly number[]): number {
  return percentile(values, 50);
}

/** The percentiles that a latency is told by. With n samples, any above 100 - 100/n is the slowest one. */
export function latency(values: readonly number[]): Readonly<Record<"p50 ms" | "p95 ms" | "p99 ms" | "max ms", number>> {
  return { "p50 ms": median(values), "p95 ms": percentile(values, 95), "p99 ms": percentile(values, 99), "max ms": percentile(values, 100) };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
