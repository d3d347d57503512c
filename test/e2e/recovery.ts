import type { Job } from "../../src/api/job.ts";

/** A step forward of somebody's launch on a target, as it was seen. */
export interface Progress {
  readonly target: string;
  readonly atMs: number;
}

/** A moment, and the targets that had work to do then. */
export interface Moment {
  readonly atMs: number;
  readonly targets: readonly string[];
}

/** Whether a change of a Job is what a replica did to it: its birth, its resume, that it is to go. What the Job controller writes is no step of ours. Pure. */
export function isOurStep(before: Job | undefined, now: Job): boolean {
  return !before || before.spec.suspend !== now.spec.suspend || before.metadata.deletionTimestamp !== now.metadata.deletionTimestamp;
}

/**
 * For each moment and target with work to do: how long until the first step forward there, in milliseconds. Targets on which
 * nothing came any more are left out: what they had to do has not ended, and is lost. Pure.
 */
export function timesToNextStep(moments: readonly Moment[], progress: readonly Progress[]): readonly number[] {
  const byTarget = Map.groupBy(progress, ({ target }) => target);
  return moments.flatMap(({ atMs, targets }) =>
    targets.flatMap((target) => {
      const next = byTarget.get(target)?.find((step) => step.atMs > atMs);
      return next ? [next.atMs - atMs] : [];
    }),
  );
}

/** The value below which `share` of them lie; undefined of none. Pure. */
export function quantile(values: readonly number[], share: number): number | undefined {
  return values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}
