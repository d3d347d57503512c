import { setTimeout as sleep } from "node:timers/promises";

/** What a network does to everything that passes: nothing, wait a while, or let nothing through for now. */
export class Gate {
  #open: PromiseWithResolvers<void> | undefined;
  /** Milliseconds that each passage takes. */
  delayMs: () => number = () => 0;
  /** How many passages took time so far. */
  slowed = 0;
  /** How many came when it was closed so far. */
  stopped = 0;

  /** Lets nothing through until `open`. */
  close(): void {
    this.#open ??= Promise.withResolvers<void>();
  }

  /** Lets through whatever waits, and what comes. */
  open(): void {
    this.#open?.resolve();
    this.#open = undefined;
  }

  /** Resolves when the passage is made. */
  async pass(): Promise<void> {
    const ms = this.delayMs();
    if (ms > 0) {
      this.slowed++;
      await sleep(ms);
    }
    if (this.#open) this.stopped++;
    while (this.#open) await this.#open.promise;
  }
}
