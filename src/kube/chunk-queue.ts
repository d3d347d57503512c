/** Chunks on their way from a producer that is called back to a consumer that asks. */
export interface ChunkQueue<T> extends AsyncIterable<T> {
  /** Hands over one chunk; nothing happens after `end` or `fail`. */
  push(chunk: T): void;
  /** No more chunks: the consumer gets those that are there, then the end. */
  end(): void;
  /** The consumer gets those that are there, then `error`. */
  fail(error: unknown): void;
}

export interface ChunkQueueOptions {
  /** More than this many chunks wait: `onFull` is called once, and `onDrained` when none waits any more. */
  readonly highWater?: number;
  onFull?(): void;
  onDrained?(): void;
  /** The consumer is done, by the end, an error or by leaving its loop. Called once. */
  onDone?(): void;
}

type Ending = { readonly kind: "open" } | { readonly kind: "ended" } | { readonly kind: "failed"; readonly error: unknown };

const HIGH_WATER = 64;

/** A queue for exactly one consumer. */
export function createChunkQueue<T>(options: ChunkQueueOptions = {}): ChunkQueue<T> {
  const { highWater = HIGH_WATER } = options;
  let waiting: T[] = [];
  let ending: Ending = { kind: "open" };
  let full = false;
  let news = Promise.withResolvers<void>();

  const close = (how: Ending): void => {
    if (ending.kind === "open") ending = how;
    news.resolve();
  };

  async function* consume(): AsyncGenerator<T> {
    try {
      for (;;) {
        const batch = waiting;
        waiting = [];
        for (const chunk of batch) yield chunk;
        if (waiting.length > 0) continue;
        if (full) {
          full = false;
          options.onDrained?.();
        }
        if (ending.kind === "ended") return;
        if (ending.kind === "failed") throw ending.error;
        await news.promise;
        news = Promise.withResolvers<void>();
      }
    } finally {
      close({ kind: "ended" });
      waiting = [];
      options.onDone?.();
    }
  }

  return {
    push(chunk) {
      if (ending.kind !== "open") return;
      waiting.push(chunk);
      news.resolve();
      if (full || waiting.length <= highWater) return;
      full = true;
      options.onFull?.();
    },
    end: () => close({ kind: "ended" }),
    fail: (error) => close({ kind: "failed", error }),
    [Symbol.asyncIterator]: consume,
  };
}
