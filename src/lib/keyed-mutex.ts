/** Gives the mutex back. Twice is harmless. */
export type Release = () => void;

/** One waiting line per key, first come first served. A key that nobody holds or wants costs nothing. */
export class KeyedMutex {
  // The tail of each line: settles when the last one in it has released. Present only while somebody holds or waits.
  readonly #tails = new Map<string, Promise<void>>();

  /** Resolves with the release when it is this caller's turn; rejects with the signal's reason if that comes first. */
  async acquire(key: string, options: { readonly signal?: AbortSignal } = {}): Promise<Release> {
    options.signal?.throwIfAborted();
    const { promise, resolve: release } = Promise.withResolvers<void>();
    const before = this.#tails.get(key);
    const tail = before ? before.then(() => promise) : promise;
    this.#tails.set(key, tail);
    void tail.then(() => {
      if (this.#tails.get(key) === tail) this.#tails.delete(key);
    });
    try {
      if (before) await turn(before, options.signal);
      return release;
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Whether somebody holds or waits for `key`. */
  isHeld(key: string): boolean {
    return this.#tails.has(key);
  }
}

function turn(before: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return before;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    void before.then(() => {
      signal.removeEventListener("abort", onAbort);
      resolve();
    });
  });
}
