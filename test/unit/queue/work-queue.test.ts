import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import type { WorkItem, WorkQueue } from "../../../src/queue/ports.ts";
import { createWorkQueue } from "../../../src/queue/work-queue.ts";

function setUp() {
  const clock = new FakeClock();
  const queue = createWorkQueue({ clock, random: () => 0.5, backoff: { baseMs: 100, maxMs: 1000, factor: 2, jitter: 0 } });
  return { clock, queue };
}

async function taken(queue: WorkQueue): Promise<WorkItem> {
  const item = await queue.take();
  assert.ok(item, "the queue is closed");
  return item;
}

describe("the work queue", () => {
  it("hands a key out once, however often it was added", async () => {
    const { queue } = setUp();
    for (const key of ["a", "b", "a"]) queue.add(key);
    assert.deepEqual([(await taken(queue)).key, (await taken(queue)).key], ["a", "b"]);
    assert.equal(queue.depth.ready, 0);
  });

  it("hands a key out to nobody else while it is in hand, and once more if it was added meanwhile", async () => {
    const { queue } = setUp();
    queue.add("a");
    const item = await taken(queue);
    queue.add("a");
    queue.add("a");
    assert.equal(queue.depth.ready, 0);
    item.forget();
    assert.equal((await taken(queue)).key, "a");
    assert.deepEqual(queue.depth, { ready: 0, delayed: 0, inHand: 1 });
  });

  it("waits with a delayed key until it is due; the earlier of two delays counts", async () => {
    const { clock, queue } = setUp();
    queue.add("a", 500);
    queue.add("a", 200);
    queue.add("a", 900);
    const item = queue.take();
    await clock.advance(199);
    assert.equal(queue.depth.delayed, 1);
    await clock.advance(1);
    assert.equal((await item)?.key, "a");
    assert.equal(queue.depth.delayed, 0);
  });

  it("does not hand a delayed key out again when it was wanted at once", async () => {
    const { clock, queue } = setUp();
    queue.add("a", 200);
    queue.add("a");
    (await taken(queue)).forget();
    await clock.advance(1000);
    assert.deepEqual(queue.depth, { ready: 0, delayed: 0, inHand: 0 });
  });

  it("comes back later and later with a key that fails, and forgets that when it is done", async () => {
    const { clock, queue } = setUp();
    queue.add("a");
    for (const [failures, delayMs] of [[0, 100], [1, 200], [2, 400]] as const) {
      const item = await taken(queue);
      assert.equal(item.failures, failures);
      item.retry();
      await clock.advance(delayMs - 1);
      assert.equal(queue.depth.ready, 0);
      await clock.advance(1);
    }
    (await taken(queue)).forget();
    queue.add("a");
    assert.equal((await taken(queue)).failures, 0);
  });

  it("lets nobody finish an item twice", async () => {
    const { queue } = setUp();
    queue.add("a");
    const item = await taken(queue);
    item.requeue(10);
    assert.throws(() => item.forget(), /a/);
  });

  it("wakes who waits when it is closed, takes nothing more, and leaves no timer", async () => {
    const { clock, queue } = setUp();
    const waiting = queue.take();
    queue.add("later", 100);
    queue.close();
    assert.equal(await waiting, undefined);
    queue.add("b");
    assert.equal(await queue.take(), undefined);
    assert.equal(clock.pendingTimers, 0);
  });

  it("lets a key in hand be finished after it was closed", async () => {
    const { queue } = setUp();
    queue.add("a");
    const item = await taken(queue);
    queue.close();
    item.retry();
    assert.equal(queue.depth.delayed, 0);
  });
});
