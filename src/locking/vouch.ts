import type { LossReason } from "./lock-lost-error.ts";
import type { Moment } from "./take-lease.ts";

/** How long a process-held lock may be relied on. */
export interface Term {
  readonly durationMs: number;
  /** Kept off the end of the term, and the largest jump of the wall clock against the monotonic one that is put up with. */
  readonly marginMs: number;
}

/** When a lock can no longer be vouched for, on the monotonic clock: counted from before the write that the API server confirmed was sent. */
export function deadlineMs(term: Term, sent: Moment): number {
  return sent.monotonicMs + term.durationMs - term.marginMs;
}

/**
 * Why the lock can not be vouched for at `now`; undefined while it can. The wall clock is not trusted, only watched: where
 * it moves against the monotonic one, the machine may have slept while the monotonic clock stood still.
 */
export function whyNot(term: Term, sent: Moment, now: Moment): Extract<LossReason, "expired" | "clock-jump"> | undefined {
  const jumpMs = now.wallMs - sent.wallMs - (now.monotonicMs - sent.monotonicMs);
  if (Math.abs(jumpMs) > term.marginMs) return "clock-jump";
  return now.monotonicMs >= deadlineMs(term, sent) ? "expired" : undefined;
}
