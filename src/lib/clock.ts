/** Longest delay that Node's timers take; a longer one would fire at once. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A pending callback. Cancelling it twice, or after it fired, does nothing. */
export interface Timer {
  cancel(): void;
}

export interface SleepOptions {
  readonly signal?: AbortSignal;
}

/**
 * The only source of time in this program. Wall time may jump; monotonic time never goes back.
 * Everything that waits asks a Clock, so that tests and the simulation own time.
 */
export interface Clock {
  /** Wall clock, milliseconds since the epoch. For what people and other machines read; never for measuring a span. */
  now(): number;
  /** Milliseconds since some fixed moment of this process. For deadlines and spans. */
  monotonic(): number;
  /** Calls `fire` once after `delayMs` (clamped to [0, 2^31-1]). */
  timer(delayMs: number, fire: () => void): Timer;
  /** Resolves after `delayMs`; rejects with the signal's reason when that aborts first. */
  sleep(delayMs: number, options?: SleepOptions): Promise<void>;
}

/** Sleep in terms of `timer`, shared by every Clock. */
export function sleepWith(clock: Pick<Clock, "timer">, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const onAbort = (): void => {
      timer.cancel();
      reject(signal?.reason);
    };
    const timer = clock.timer(delayMs, () => {
      signal?.removeEventListener("abort", onAbort);
      resolve();
    });
    signal?.addEventListener("abort", onAbort, { once: true });
  });
}

function clampDelay(delayMs: number): number {
  return Math.min(Math.max(0, delayMs), MAX_TIMER_MS);
}

/** The machine's own time. Its timers keep the process alive while they are pending. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  timer(delayMs, fire) {
    const handle = setTimeout(fire, clampDelay(delayMs));
    return { cancel: () => clearTimeout(handle) };
  },
  sleep: (delayMs, options) => sleepWith(systemClock, delayMs, options?.signal),
};
