import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createController } from "../../../src/controller/controller.ts";
import { done, waitFor, type Reconciler } from "../../../src/controller/ports.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import type { Logger } from "../../../src/lib/log.ts";
import { createInstruments } from "../../../src/metrics/instruments.ts";

function setUp(reconcile: Reconciler, workers = 2) {
  const clock = new FakeClock();
  const lines: string[] = [];
  const log: Logger = { debug: () => undefined, info: () => undefined, warn: (message) => void lines.push(message), error: (message) => void lines.push(message), with: () => log };
  const instruments = createInstruments();
  const controller = createController({ name: "test", reconcile, workers, ranking: { delayMs: () => 0, limitMs: 900, subscribe: () => () => undefined }, targetOf: (key) => key, versionOf: () => "", clock, random: () => 0.5, log, instruments });
  const end = new AbortController();
  const running = controller.run(end.signal, 1000);
  const stop = async (): Promise<void> => {
    end.abort();
    await running;
  };
  return { clock, controller, lines, stop, end, running, instruments };
}

describe("a controller", () => {
  it("looks at each key, and again when a result asks for it", async () => {
    const seen: string[] = [];
    const { clock, controller, stop } = setUp(async (key) => {
      seen.push(key);
      return seen.length === 1 ? waitFor(500) : done;
    });
    controller.enqueue("a");
    await clock.advance(499);
    assert.deepEqual(seen, ["a"]);
    await clock.advance(1);
    assert.deepEqual(seen, ["a", "a"]);
    await stop();
    assert.equal(clock.pendingTimers, 0);
  });

  it("logs and counts what a look throws, once, and tries again", async () => {
    let tries = 0;
    const { clock, controller, lines, stop, instruments } = setUp(async () => {
      if (++tries === 1) throw new Error("boom");
      return done;
    });
    controller.enqueue("a");
    await clock.advance(100);
    assert.equal(tries, 2);
    assert.deepEqual(lines, ["reconcile failed, will be tried again"]);
    const counted = (await instruments.reconciles.get()).values.map(({ labels, value }) => `${labels.result} ${value}`);
    assert.deepEqual(counted.toSorted((a, b) => a.localeCompare(b)), ["done 1", "error 1"]);
    await stop();
  });

  it("tells how many keys it has, and in which state, in the moment when the metrics are read", async () => {
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const { clock, controller, stop, instruments } = setUp(async () => released.then(() => done));
    for (const key of ["a", "b", "c"]) controller.enqueue(key);
    controller.enqueue("d", 60_000);
    await clock.advance(0);
    const depths = async (): Promise<readonly string[]> => (await instruments.registry.metrics()).split("\n").filter((line) => /queue_depth{/.test(line)).map((line) => line.replace(/^.*state="(\w+)"} /, "$1 "));
    assert.deepEqual(await depths(), ["ready 1", "delayed 1", "inHand 2"]);
    release();
    await clock.advance(0);
    assert.deepEqual(await depths(), ["ready 0", "delayed 1", "inHand 0"]);
    await stop();
  });

  it("does not try again before the one who refused wants it", async () => {
    let tries = 0;
    const { clock, controller, stop } = setUp(async () => {
      if (++tries === 1) throw Object.assign(new Error("too many requests"), { retryAfterMs: 5000 });
      return done;
    });
    controller.enqueue("a");
    await clock.advance(4999);
    assert.equal(tries, 1);
    await clock.advance(1);
    assert.equal(tries, 2);
    await stop();
  });

  it("keeps one key in one hand, and different keys in as many hands as it has", async () => {
    const inHand: string[] = [];
    let most = 0;
    const { clock, controller, stop } = setUp(async (key) => {
      inHand.push(key);
      most = Math.max(most, inHand.length);
      assert.equal(new Set(inHand).size, inHand.length);
      await clock.sleep(10);
      inHand.splice(inHand.indexOf(key), 1);
      return done;
    });
    for (const key of ["a", "a", "b", "c"]) controller.enqueue(key);
    await clock.advance(5);
    controller.enqueue("a");
    await clock.advance(100);
    assert.equal(most, 2);
    await stop();
  });

  it("finishes what is in hand before it stops, and takes nothing more", async () => {
    let finished = 0;
    const { clock, controller, stop } = setUp(async () => {
      await clock.sleep(200);
      finished++;
      return done;
    }, 1);
    controller.enqueue("a");
    controller.enqueue("b");
    await clock.advance(10);
    const stopping = stop();
    await clock.advance(500);
    await stopping;
    assert.equal(finished, 1);
  });

  it("aborts what is in hand when its grace is over", async () => {
    const { clock, controller, end, running } = setUp(async (_key, { signal }) => {
      await clock.sleep(3_600_000, { signal });
      return done;
    });
    controller.enqueue("a");
    await clock.advance(10);
    end.abort();
    await clock.advance(1000);
    await running;
    assert.equal(clock.pendingTimers, 0);
  });
});
