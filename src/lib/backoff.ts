/** How a retry delay grows: `baseMs * factor^(failures - 1)`, at most `maxMs`, spread by `jitter` (0.1 = plus or minus 10 %). */
export interface BackoffPolicy {
  readonly baseMs: number;
  readonly maxMs: number;
  readonly factor: number;
  readonly jitter: number;
}

/** Delay in milliseconds after `failures` failures in a row (1 or more). `random` is uniform in [0, 1). */
export function backoffDelayMs(policy: BackoffPolicy, failures: number, random: () => number): number {
  const plain = Math.min(policy.maxMs, policy.baseMs * policy.factor ** Math.max(0, failures - 1));
  return jittered(plain, policy.jitter, random);
}

/** `valueMs` spread evenly over plus or minus `ratio`. */
export function jittered(valueMs: number, ratio: number, random: () => number): number {
  return valueMs * (1 + ratio * (2 * random() - 1));
}
