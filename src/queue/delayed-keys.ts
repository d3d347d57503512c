interface Entry {
  readonly key: string;
  readonly dueMs: number;
}

/** Keys that become due later, each once, at the earliest moment asked for. Knows no clock: the moments are the caller's. */
export class DelayedKeys {
  // When each key is due. An entry of the heap that says otherwise is stale and is dropped when it comes up.
  readonly #dueMs = new Map<string, number>();
  // Binary heap: the earliest first.
  readonly #heap: Entry[] = [];

  get size(): number {
    return this.#dueMs.size;
  }

  /** Due at `dueMs`, or earlier if that was asked for before. */
  add(key: string, dueMs: number): void {
    const before = this.#dueMs.get(key);
    if (before !== undefined && before <= dueMs) return;
    this.#dueMs.set(key, dueMs);
    this.#push({ key, dueMs });
  }

  delete(key: string): void {
    this.#dueMs.delete(key);
  }

  clear(): void {
    this.#dueMs.clear();
    this.#heap.length = 0;
  }

  /** The moment when the first key is due; undefined when there is none. */
  get nextDueMs(): number | undefined {
    this.#dropStale();
    return this.#heap[0]?.dueMs;
  }

  /** Takes out the keys that are due at `nowMs`, the earliest first. */
  *takeDue(nowMs: number): Generator<string> {
    for (let next = this.nextDueMs; next !== undefined && next <= nowMs; next = this.nextDueMs) {
      const entry = this.#pop();
      if (!entry) return;
      this.#dueMs.delete(entry.key);
      yield entry.key;
    }
  }

  #dropStale(): void {
    for (let top = this.#heap[0]; top && this.#dueMs.get(top.key) !== top.dueMs; top = this.#heap[0]) this.#pop();
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.push(entry) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, above)) return;
      at = above;
    }
  }

  #pop(): Entry | undefined {
    const heap = this.#heap;
    const top = heap[0];
    const last = heap.pop();
    if (!last || heap.length === 0) return top;
    heap[0] = last;
    let at = 0;
    for (;;) {
      const left = 2 * at + 1;
      const right = left + 1;
      const child = this.#isEarlier(right, left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return top;
      at = child;
    }
  }

  #isEarlier(a: number, b: number): boolean {
    return (this.#heap[a]?.dueMs ?? Infinity) < (this.#heap[b]?.dueMs ?? Infinity);
  }

  /** Swaps the two when the one below is earlier; whether it was. */
  #swapIfEarlier(below: number, above: number): boolean {
    const [lower, upper] = [this.#heap[below], this.#heap[above]];
    if (!lower || !upper || lower.dueMs >= upper.dueMs) return false;
    this.#heap[below] = upper;
    this.#heap[above] = lower;
    return true;
  }
}
