import type { Timer } from "../../src/lib/clock.ts";

interface Due {
  readonly atMs: number;
  readonly order: number;
  fire: (() => void) | undefined;
}

/** The one course of time of a simulated world: what is to happen, in order; nothing else moves it. Milliseconds from its beginning. */
export class Timeline {
  // Binary heap: the earliest first, of two at one moment the one that was asked for first.
  readonly #heap: Due[] = [];
  #nowMs = 0;
  #order = 0;
  #steps = 0;

  get nowMs(): number {
    return this.#nowMs;
  }

  /** Steps taken so far. */
  get steps(): number {
    return this.#steps;
  }

  /** When the next thing happens; undefined when nothing will. */
  get nextMs(): number | undefined {
    this.#dropCancelled();
    return this.#heap[0]?.atMs;
  }

  /** Calls `fire` once, `afterMs` from now, as a step of its own. */
  after(afterMs: number, fire: () => void): Timer {
    const due: Due = { atMs: this.#nowMs + Math.max(0, afterMs), order: this.#order++, fire };
    this.#push(due);
    return {
      cancel: () => {
        due.fire = undefined;
      },
    };
  }

  /** Takes the next step, and lets every promise callback that it sets off run. False when nothing is left to happen. */
  async step(): Promise<boolean> {
    this.#dropCancelled();
    const due = this.#pop();
    if (!due) return false;
    this.#nowMs = Math.max(this.#nowMs, due.atMs);
    this.#steps++;
    due.fire?.();
    await settled();
    return true;
  }

  #dropCancelled(): void {
    while (this.#heap.length > 0 && !this.#heap[0]?.fire) this.#pop();
  }

  #push(due: Due): void {
    const heap = this.#heap;
    let at = heap.push(due) - 1;
    for (let above = (at - 1) >> 1; at > 0 && isBefore(due, heap[above]); above = (at - 1) >> 1) {
      swap(heap, at, above);
      at = above;
    }
  }

  #pop(): Due | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    heap[0] = last;
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const child = heap[left + 1] && isBefore(heap[left + 1], heap[left]) ? left + 1 : left;
      if (!isBefore(heap[child], last)) return top;
      swap(heap, at, child);
      at = child;
    }
  }
}

function isBefore(a: Due | undefined, b: Due | undefined): boolean {
  if (!a || !b) return false;
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}

function swap(heap: Due[], a: number, b: number): void {
  const [first, second] = [heap[a], heap[b]];
  if (first && second) [heap[a], heap[b]] = [second, first];
}

/**
 * Resolves when every promise callback that is ready, and those that it makes ready, have run: Node runs what is asked for by
 * `nextTick` within a promise callback after all of them. A turn of the event loop would say the same at ten times the cost.
 */
export function settled(): Promise<void> {
  return new Promise((resolve) => queueMicrotask(() => process.nextTick(resolve)));
}
