import { Worker } from "node:worker_threads";
import type { ChunkResult } from "./chunk.ts";

export interface OnAllCoresOptions {
  readonly seed: number;
  readonly runs: number;
  readonly cores: number;
  /** Told after every chunk; false ends the simulation. */
  readonly done: (result: ChunkResult) => boolean;
}

/** Runs this many are handed out at once: about a second of work. */
const CHUNK = 25;

/** Plays `runs` plans, those of the seeds from `seed` on, on several cores. Resolves when all are done, or `done` has had enough. Throws what a worker throws. */
export async function onAllCores({ seed, runs, cores, done }: OnAllCoresOptions): Promise<void> {
  let next = 0;
  let enough = false;
  const work = async (): Promise<void> => {
    const worker = new Worker(new URL("worker.ts", import.meta.url));
    try {
      while (next < runs && !enough) {
        const count = Math.min(CHUNK, runs - next);
        const from = seed + next;
        next += count;
        if (!done(await ask(worker, { from, count }))) enough = true;
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: cores }, work));
}

function ask(worker: Worker, chunk: { readonly from: number; readonly count: number }): Promise<ChunkResult> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (result: ChunkResult) => {
      worker.off("error", reject);
      resolve(result);
    });
    worker.postMessage(chunk);
  });
}
