import { sleepWith, type Clock, type Timer } from "../../src/lib/clock.ts";
import type { Timeline } from "./timeline.ts";

/** Where the wall clocks of a world begin. */
export const EPOCH_MS = Date.UTC(2026, 0, 1);

type Life = "running" | "stopped" | "dead";

/**
 * One operating-system process as far as time goes: it can be stopped and go on, or be killed, and nothing happens in it
 * meanwhile. What came due while it was stopped happens when it goes on, in order, each as a step of its own.
 */
export class SimProcess {
  readonly name: string;
  readonly #timeline: Timeline;
  readonly #jitterMs: () => number;
  #life: Life = "running";
  #missed: (() => void)[] = [];
  #wallOffsetMs = 0;
  #wallRate = 1;

  /** `jitterMs` is how long a timer that is due still waits for the processor. */
  constructor(name: string, timeline: Timeline, jitterMs: () => number) {
    this.name = name;
    this.#timeline = timeline;
    this.#jitterMs = jitterMs;
  }

  get life(): Life {
    return this.#life;
  }

  /** The process's own view of time: monotonic time goes on while it is stopped, wall time may jump and drift. */
  readonly clock: Clock = {
    now: () => Math.floor(EPOCH_MS + this.#wallOffsetMs + this.#timeline.nowMs * this.#wallRate),
    monotonic: () => this.#timeline.nowMs,
    timer: (delayMs, fire) => this.after(Math.max(0, delayMs) + this.#jitterMs(), fire),
    sleep: (delayMs, options) => sleepWith(this.clock, delayMs, options?.signal),
  };

  /** Calls `happen` in this process `afterMs` from now, later where it is stopped then, never once it is dead. */
  after(afterMs: number, happen: () => void): Timer {
    let cancelled = false;
    const timer = this.#timeline.after(afterMs, () =>
      this.#when(() => {
        if (!cancelled) happen();
      }),
    );
    return {
      cancel: () => {
        cancelled = true;
        timer.cancel();
      },
    };
  }

  stop(): void {
    if (this.#life === "running") this.#life = "stopped";
  }

  goOn(): void {
    if (this.#life !== "stopped") return;
    this.#life = "running";
    const missed = this.#missed;
    this.#missed = [];
    // Stopped again before all of it has happened, the rest is missed again.
    for (const happen of missed) this.#timeline.after(0, () => this.#when(happen));
  }

  kill(): void {
    this.#life = "dead";
    this.#missed = [];
  }

  /** Moves the wall clock alone. */
  jumpWall(byMs: number): void {
    this.#wallOffsetMs += byMs;
  }

  /** From now on the wall clock runs at this rate. */
  driftWall(rate: number): void {
    this.#wallOffsetMs += this.#timeline.nowMs * (this.#wallRate - rate);
    this.#wallRate = rate;
  }

  #when(happen: () => void): void {
    if (this.#life === "running") happen();
    else if (this.#life === "stopped") this.#missed.push(happen);
  }
}
