import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, it } from "node:test";
import { onAllCores } from "./on-all-cores.ts";

/** A core that tells of every seed of its chunk, and at seed 7 never comes back. */
const STUCK = new URL(`data:text/javascript,${encodeURIComponent(`
  import { parentPort } from "node:worker_threads";
  parentPort.on("message", ({ from, count }) => {
    for (let seed = from; seed < from + count; seed++) {
      parentPort.postMessage({ kind: "begins", seed });
      while (seed === 7);
    }
    parentPort.postMessage({ kind: "done", result: { tally: undefined, broken: [] } });
  });
`)}`);

describe("a run without an end", () => {
  it("ends the simulation once nothing has been heard of it for so long, and its seed is named", async () => {
    const chunks: unknown[] = [];
    const hung = await onAllCores({ seed: 1, runs: 25, cores: 1, worker: STUCK, silenceMs: 500, done: (result) => chunks.push(result) > 0 });
    assert.deepEqual({ hung, chunks }, { hung: [7], chunks: [] });
  });

  it("does not keep the simulation from being ended at once, with what it has seen so far", async () => {
    const interrupt = new AbortController();
    const chunks: unknown[] = [];
    const done = (result: unknown): boolean => {
      setTimeout(() => interrupt.abort(), 50);
      return chunks.push(result) > 0;
    };
    const hung = await onAllCores({ seed: 7 - 25, runs: 50, cores: 1, worker: STUCK, signal: interrupt.signal, done });
    assert.deepEqual({ hung, chunks: chunks.length }, { hung: [], chunks: 1 });
  });

  it("is none where each takes its time, however long all of them take", async () => {
    const hung = await onAllCores({ seed: 1, runs: 3, cores: 1, silenceMs: 300, worker: slowWorker(200), done: () => true });
    assert.deepEqual(hung, []);
  });
});

/** A core whose runs take so long each. */
function slowWorker(eachMs: number): URL {
  return new URL(`data:text/javascript,${encodeURIComponent(`
    import { parentPort } from "node:worker_threads";
    parentPort.on("message", async ({ from, count }) => {
      for (let seed = from; seed < from + count; seed++) {
        parentPort.postMessage({ kind: "begins", seed });
        await new Promise((resolve) => setTimeout(resolve, ${eachMs}));
      }
      parentPort.postMessage({ kind: "done", result: { tally: undefined, broken: [] } });
    });
  `)}`);
}

describe("the command of the simulation", () => {
  it("ends at the first Ctrl-C with what it has seen so far", { timeout: 60_000 }, async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, "simulate.ts"), "--seed", "1", "--runs", "1000000", "--cores", "1"], { stdio: ["ignore", "pipe", "inherit"] });
    child.stdout.once("data", () => child.kill("SIGINT"));
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    const [printed, code] = await Promise.all([text(child.stdout), ended]);
    assert.equal(code, 0);
    assert.match(printed, /^seed 1, 1000000 runs, 1 core\(s\)\n[^]*\d+ passed, 0 failed\n$/);
  });
});
