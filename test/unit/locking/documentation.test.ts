import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { leaseName } from "../../../src/locking/index.ts";
import { rebuildIndex } from "./example.ts";
import { World } from "./world.ts";

/** Refuses a smaller fence than it has seen. */
function fencedStore() {
  let highest = 0n;
  const values: string[] = [];
  return {
    values,
    async put(_key: string, value: string, fence: bigint): Promise<"stored" | "fenced"> {
      if (fence < highest) return "fenced";
      highest = fence;
      values.push(value);
      return "stored";
    },
  };
}

void test("the example in the documentation is the one that is compiled and run here", async () => {
  const [page, example] = await Promise.all([readFile(new URL("../../../docs/locking.md", import.meta.url), "utf8"), readFile(new URL("example.ts", import.meta.url), "utf8")]);
  const snippet = /## A fenced write\n\n```ts\n(.*?)```/s.exec(page)?.[1];
  assert.equal(snippet, example.replace("../../../src/locking/index.ts", "remediation-orchestrator/locking"));
});

void test("the example stores, and leaves no Lease", async () => {
  const world = new World();
  const store = fencedStore();
  assert.equal(await rebuildIndex(world.locks(), store, async () => "index"), "stored");
  assert.deepEqual(store.values, ["index"]);
  assert.deepEqual(world.verbs(), "create delete");
});

void test("the example's paused holder is caught by its clock, and a later one goes on", async () => {
  const world = new World();
  const store = fencedStore();
  const paused = rebuildIndex(world.locks(), store, async () => {
    world.clock.jumpWall(37_000);
    return "stale";
  });
  assert.equal(await paused, "lost");
  assert.equal(await rebuildIndex(world.locks(), store, async () => "fresh"), "stored");
  assert.deepEqual(store.values, ["fresh"]);
});

void test("the example's holder whose write is on its way when it loses the lock is fenced", async () => {
  const world = new World();
  const store = fencedStore();
  const delayed = {
    async put(key: string, value: string, fence: bigint) {
      await world.deleteLease(leaseName(key));
      assert.equal(await rebuildIndex(world.locks("two"), store, async () => "fresh"), "stored");
      return store.put(key, value, fence);
    },
  };
  assert.equal(await rebuildIndex(world.locks("one"), delayed, async () => "stale"), "fenced");
  assert.deepEqual(store.values, ["fresh"]);
});
