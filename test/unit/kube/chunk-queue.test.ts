import assert from "node:assert/strict";
import { test } from "node:test";
import { createChunkQueue } from "../../../src/kube/chunk-queue.ts";

async function all<T>(chunks: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return found;
}

test("what was pushed before and after somebody asked comes in order, then the end", async () => {
  const queue = createChunkQueue<number>();
  queue.push(1);
  const read = all(queue);
  queue.push(2);
  await Promise.resolve();
  queue.push(3);
  queue.end();
  queue.push(4);
  assert.deepEqual(await read, [1, 2, 3]);
});

test("a failure comes after what was pushed before it; the first ending counts", async () => {
  const queue = createChunkQueue<number>();
  queue.push(1);
  queue.fail(new Error("reset"));
  queue.end();
  const seen: number[] = [];
  await assert.rejects(async () => {
    for await (const chunk of queue) seen.push(chunk);
  }, /reset/);
  assert.deepEqual(seen, [1]);
});

test("the producer is told once when too much waits, and once when nothing does any more", async () => {
  const told: string[] = [];
  const queue = createChunkQueue<number>({ highWater: 2, onFull: () => void told.push("full"), onDrained: () => void told.push("drained"), onDone: () => void told.push("done") });
  for (const chunk of [1, 2, 3, 4]) queue.push(chunk);
  assert.deepEqual(told, ["full"]);
  const chunks = queue[Symbol.asyncIterator]();
  for (let i = 0; i < 4; i++) await chunks.next();
  const fifth = chunks.next();
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(told, ["full", "drained"]);
  queue.push(5);
  assert.deepEqual(await fifth, { value: 5, done: false });
  await chunks.return?.();
  assert.deepEqual(told, ["full", "drained", "done"]);
});

test("whoever leaves the loop ends the queue, and is not waited for any more", async () => {
  let done = 0;
  const queue = createChunkQueue<number>({ highWater: 1, onFull: () => assert.fail("nobody reads"), onDone: () => void done++ });
  queue.push(1);
  for await (const _ of queue) break;
  queue.push(2);
  queue.push(3);
  assert.equal(done, 1);
});
