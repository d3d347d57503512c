import { backoffDelayMs } from "../lib/backoff.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { isRefusal } from "./in-process-client.ts";

const RETRY = { baseMs: 20, maxMs: 60_000, factor: 2, jitter: 0 };

/** A wait in milliseconds, or a function that is asked each time, with what the wait is about: a simulation draws it from its seed. */
export type Delay<About extends readonly unknown[] = []> = number | ((...about: About) => number);

/** The milliseconds to wait this time. */
export function delayMs<About extends readonly unknown[]>(delay: Delay<About> | undefined, defaultMs: number, ...about: About): number {
  if (delay === undefined) return defaultMs;
  return typeof delay === "number" ? delay : delay(...about);
}

export interface DelayedKeysDeps {
  readonly clock: Clock;
  readonly log: Logger;
  /** Brings the world of one key up to date. Refused by the API (ApiRefusal), it is called again after 20 ms doubling to a minute. */
  run(key: string): void;
}

/** Calls `run(key)` at the earliest of the times asked for since its last run: many causes, one run. */
export class DelayedKeys {
  readonly #deps: DelayedKeysDeps;
  readonly #pending = new Map<string, { readonly dueMs: number; readonly timer: Timer }>();
  // Refusals in a row; a key that went through has no entry.
  readonly #refusals = new Map<string, number>();

  constructor(deps: DelayedKeysDeps) {
    this.#deps = deps;
  }

  /** A run that is due earlier stays; one that is due later is moved forward. */
  ask(key: string, afterMs: number): void {
    const { clock } = this.#deps;
    const dueMs = clock.monotonic() + Math.max(0, afterMs);
    const pending = this.#pending.get(key);
    if (pending && pending.dueMs <= dueMs) return;
    pending?.timer.cancel();
    this.#pending.set(key, { dueMs, timer: clock.timer(afterMs, () => this.#fire(key)) });
  }

  /** Forgets everything that was asked for. */
  stop(): void {
    for (const { timer } of this.#pending.values()) timer.cancel();
    this.#pending.clear();
  }

  #fire(key: string): void {
    this.#pending.delete(key);
    try {
      this.#deps.run(key);
      this.#refusals.delete(key);
    } catch (error) {
      if (!isRefusal(error)) throw error;
      const refusals = (this.#refusals.get(key) ?? 0) + 1;
      this.#refusals.set(key, refusals);
      this.#deps.log.debug("refused by the API server, trying again", { key, refusals, err: error });
      this.ask(key, backoffDelayMs(RETRY, refusals, () => 0));
    }
  }
}
