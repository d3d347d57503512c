import { backoffDelayMs, type BackoffPolicy } from "../lib/backoff.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { deferred, type Deferred } from "../lib/deferred.ts";
import { DelayedKeys } from "./delayed-keys.ts";
import type { WorkItem, WorkQueue } from "./ports.ts";

export interface WorkQueueDeps {
  readonly clock: Clock;
  /** Uniform in [0, 1): spreads the retries. */
  readonly random: () => number;
  /** How long a key that failed is left alone. */
  readonly backoff: BackoffPolicy;
}

/** An empty queue. It keeps at most one timer, for the key that is due next, and none once it is closed. */
export function createWorkQueue(deps: WorkQueueDeps): WorkQueue {
  return new SetQueue(deps);
}

class SetQueue implements WorkQueue {
  // Every key of the queue is in exactly one of the first two sets, or in hand, or in hand and `dirty` or delayed as well.
  /** To be handed out, in this order. Never a key that is in hand. */
  readonly #ready = new Set<string>();
  /** Not yet due. Never a key that is ready or dirty: the earlier of two wishes counts. */
  readonly #delayed = new DelayedKeys();
  /** Handed out and not yet finished. */
  readonly #inHand = new Set<string>();
  /** In hand and due again: ready as soon as it is finished. */
  readonly #dirty = new Set<string>();

  readonly #failures = new Map<string, number>();
  // Only while nothing is ready.
  readonly #takers: Deferred<WorkItem | undefined>[] = [];
  readonly #deps: WorkQueueDeps;
  #alarm: { readonly dueMs: number; readonly timer: Timer } | undefined;
  #closed = false;

  constructor(deps: WorkQueueDeps) {
    this.#deps = deps;
  }

  get depth(): WorkQueue["depth"] {
    return { ready: this.#ready.size, delayed: this.#delayed.size, inHand: this.#inHand.size };
  }

  add(key: string, afterMs = 0): void {
    if (this.#closed || this.#ready.has(key) || this.#dirty.has(key)) return;
    if (afterMs > 0) this.#delayed.add(key, this.#deps.clock.monotonic() + afterMs);
    else this.#due(key);
    this.#setAlarm();
  }

  take(): Promise<WorkItem | undefined> {
    const taker = deferred<WorkItem | undefined>();
    this.#takers.push(taker);
    this.#handOut();
    return taker.promise;
  }

  close(): void {
    this.#closed = true;
    this.#ready.clear();
    this.#delayed.clear();
    this.#dirty.clear();
    this.#setAlarm();
    this.#handOut();
  }

  #due(key: string): void {
    this.#delayed.delete(key);
    if (this.#inHand.has(key)) this.#dirty.add(key);
    else this.#ready.add(key);
    this.#handOut();
  }

  #handOut(): void {
    if (this.#closed) {
      for (const taker of this.#takers.splice(0)) taker.resolve(undefined);
      return;
    }
    for (const key of this.#ready) {
      const taker = this.#takers.shift();
      if (!taker) return;
      this.#ready.delete(key);
      this.#inHand.add(key);
      taker.resolve(this.#itemOf(key));
    }
  }

  #itemOf(key: string): WorkItem {
    const failures = this.#failures.get(key) ?? 0;
    let open = true;
    const finish = (): void => {
      if (!open) throw new Error(`work item finished twice: ${key}`);
      open = false;
      this.#inHand.delete(key);
    };
    return {
      key,
      failures,
      forget: () => {
        finish();
        this.#putBack(key, 0);
      },
      requeue: (afterMs) => {
        finish();
        this.#putBack(key, 0, afterMs);
      },
      retry: (atLeastMs = 0) => {
        finish();
        this.#putBack(key, failures + 1, Math.max(atLeastMs, backoffDelayMs(this.#deps.backoff, failures + 1, this.#deps.random)));
      },
    };
  }

  #putBack(key: string, failures: number, afterMs?: number): void {
    if (failures > 0) this.#failures.set(key, failures);
    else this.#failures.delete(key);
    if (this.#dirty.delete(key)) this.add(key);
    else if (afterMs !== undefined) this.add(key, afterMs);
  }

  /** One timer, for the earliest of the delayed keys. */
  #setAlarm(): void {
    const dueMs = this.#delayed.nextDueMs;
    if (dueMs === this.#alarm?.dueMs) return;
    this.#alarm?.timer.cancel();
    this.#alarm = dueMs === undefined ? undefined : { dueMs, timer: this.#deps.clock.timer(dueMs - this.#deps.clock.monotonic(), () => this.#ring()) };
  }

  #ring(): void {
    this.#alarm = undefined;
    for (const key of this.#delayed.takeDue(this.#deps.clock.monotonic())) this.#due(key);
    this.#setAlarm();
  }
}
