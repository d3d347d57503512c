import { sleepWith, type Clock, type SleepOptions, type Timer } from "./clock.ts";

interface Pending {
  readonly dueMs: number;
  readonly order: number;
  readonly fire: () => void;
}

/**
 * A Clock that moves only when told. Timers fire in order of due time, then of creation; between two of them all
 * promise callbacks that are ready run first, so that code under test sees time pass as it would in production.
 */
export class FakeClock implements Clock {
  #monotonicMs = 0;
  #wallOffsetMs: number;
  #order = 0;
  readonly #pending = new Set<Pending>();

  constructor(startMs = Date.UTC(2026, 0, 1)) {
    this.#wallOffsetMs = startMs;
  }

  now(): number {
    return this.#wallOffsetMs + this.#monotonicMs;
  }

  monotonic(): number {
    return this.#monotonicMs;
  }

  timer(delayMs: number, fire: () => void): Timer {
    const pending = { dueMs: this.#monotonicMs + Math.max(0, delayMs), order: this.#order++, fire };
    this.#pending.add(pending);
    return { cancel: () => void this.#pending.delete(pending) };
  }

  sleep(delayMs: number, options?: SleepOptions): Promise<void> {
    return sleepWith(this, delayMs, options?.signal);
  }

  /** Number of timers that have not fired: what a leak check asserts to be zero. */
  get pendingTimers(): number {
    return this.#pending.size;
  }

  /** Moves the wall clock alone, as NTP or an operator would. */
  jumpWall(deltaMs: number): void {
    this.#wallOffsetMs += deltaMs;
  }

  /** Lets `durationMs` pass, firing what comes due on the way. Resolves when all of it, and what it set off, has run. */
  async advance(durationMs: number): Promise<void> {
    const endMs = this.#monotonicMs + durationMs;
    await settle();
    for (let next = this.#next(endMs); next; next = this.#next(endMs)) {
      this.#pending.delete(next);
      this.#monotonicMs = Math.max(this.#monotonicMs, next.dueMs);
      next.fire();
      await settle();
    }
    this.#monotonicMs = endMs;
  }

  /** Advances to the next timer and fires it; false when none is pending. */
  async advanceToNext(): Promise<boolean> {
    const next = this.#next(Number.POSITIVE_INFINITY);
    if (!next) return false;
    await this.advance(next.dueMs - this.#monotonicMs);
    return true;
  }

  #next(endMs: number): Pending | undefined {
    let first: Pending | undefined;
    for (const pending of this.#pending) {
      if (pending.dueMs > endMs) continue;
      if (!first || pending.dueMs < first.dueMs || (pending.dueMs === first.dueMs && pending.order < first.order)) first = pending;
    }
    return first;
  }
}

/** Lets every promise callback that is ready, and those it makes ready, run. */
function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
