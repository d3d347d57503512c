import { Worker } from "node:worker_threads";
import type { Chunk, ChunkNews, ChunkResult } from "./chunk.ts";

export interface OnAllCoresOptions {
  readonly seed: number;
  readonly runs: number;
  readonly cores: number;
  /** Told after every chunk; false ends the simulation. */
  readonly done: (result: ChunkResult) => boolean;
  /** Ends it at once: what is in hand is given up. */
  readonly signal?: AbortSignal;
  /** A run that takes longer than this has no end. Milliseconds of real time; three minutes unless given. */
  readonly silenceMs?: number;
  /** What each core runs: it is sent chunks and answers with news of them. `worker.ts` unless given. */
  readonly worker?: URL;
}

/** Runs this many are handed out at once: about a second of work. */
const CHUNK = 25;
/** The longest runs take seconds. The machine may be busy with other things. */
const SILENCE_MS = 180_000;

/** How a core's work on a chunk ended. `hung`: the run of that seed has no end. */
type Answer = { readonly kind: "done"; readonly result: ChunkResult } | { readonly kind: "hung"; readonly seed: number } | { readonly kind: "aborted" };

/**
 * Plays `runs` plans, those of the seeds from `seed` on, on several cores. Resolves when all are done, or `done` has had enough, or one has no end, or
 * `signal` aborts: with the seeds of those that have no end. Throws what a worker throws.
 */
export async function onAllCores({ seed, runs, cores, done, signal, silenceMs = SILENCE_MS, worker: program = new URL("worker.ts", import.meta.url) }: OnAllCoresOptions): Promise<readonly number[]> {
  const hung: number[] = [];
  let next = 0;
  let enough = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(program);
    try {
      while (next < runs && !enough) {
        const count = Math.min(CHUNK, runs - next);
        const from = seed + next;
        next += count;
        const answer = await ask(worker, { from, count }, { silenceMs, signal });
        if (answer.kind === "hung") hung.push(answer.seed);
        if (answer.kind !== "done" || !done(answer.result)) enough = true;
      }
    } finally {
      // Whatever it is busy with.
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: cores }, work));
  return hung;
}

function ask(worker: Worker, chunk: Chunk, { silenceMs, signal }: { readonly silenceMs: number; readonly signal: AbortSignal | undefined }): Promise<Answer> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  let seed = chunk.from;
  const watchdog = setTimeout(() => resolve({ kind: "hung", seed }), silenceMs);
  const onNews = (news: ChunkNews): void => {
    watchdog.refresh();
    if (news.kind === "begins") seed = news.seed;
    else resolve(news);
  };
  const onAbort = (): void => resolve({ kind: "aborted" });
  worker.on("error", reject);
  worker.on("message", onNews);
  signal?.addEventListener("abort", onAbort);
  if (signal?.aborted) onAbort();
  worker.postMessage(chunk);
  return promise.finally(() => {
    clearTimeout(watchdog);
    worker.off("error", reject);
    worker.off("message", onNews);
    signal?.removeEventListener("abort", onAbort);
  });
}
