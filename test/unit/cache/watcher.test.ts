import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { runWatcher, type Told } from "../../../src/cache/watcher.ts";
import { ScriptedClient, thing, THING, type Thing } from "./scripted-client.ts";

let clock: FakeClock;
let client: ScriptedClient;
let stop: AbortController;
let told: Told<Thing>[];
let running: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  client = new ScriptedClient();
  stop = new AbortController();
  told = [];
});

afterEach(async () => {
  stop.abort();
  await running;
  assert.equal(clock.pendingTimers, 0, "no timer is left behind");
});

async function start(): Promise<void> {
  running = runWatcher({ client, kind: THING, query: { namespace: "here" }, clock, random: () => 0.5, log: silentLogger, tell: (event) => void told.push(event) }, stop.signal);
  await clock.advance(0);
}

const words = (): readonly string[] => told.map((event) => (event.type === "LISTED" ? `LISTED ${event.objects.map((object) => object.metadata.name).join(",")}` : `${event.type} ${event.object.metadata.name}`));

test("lists, then watches from the list's version", async () => {
  client.answer("10", thing("a", "5"));
  await start();
  assert.deepEqual(words(), ["LISTED a"]);
  assert.equal(client.stream.query.resourceVersion, "10");
  assert.equal(client.stream.query.namespace, "here");
  client.stream.chunks.push({ type: "ADDED", object: thing("b", "11") });
  await clock.advance(0);
  assert.deepEqual(words(), ["LISTED a", "ADDED b"]);
});

test("a stream is asked to end after 5 to 10 minutes", async () => {
  client.answer("10");
  await start();
  assert.equal(client.stream.query.timeoutSeconds, 450);
});

test("a stream that ended goes on from its last event, at once", async () => {
  client.answer("10");
  await start();
  client.stream.chunks.push({ type: "ADDED", object: thing("a", "11") });
  await clock.advance(60_000);
  client.stream.chunks.end();
  await clock.advance(0);
  assert.equal(client.streams.length, 2);
  assert.equal(client.stream.query.resourceVersion, "11");
  assert.equal(client.lists.length, 1);
});

test("a stream that ended goes on from its last bookmark", async () => {
  client.answer("10");
  await start();
  client.stream.chunks.push({ type: "BOOKMARK", resourceVersion: "99" });
  await clock.advance(60_000);
  client.stream.chunks.end();
  await clock.advance(0);
  assert.equal(client.stream.query.resourceVersion, "99");
  assert.deepEqual(words(), ["LISTED "]);
});

test("a stream that broke goes on from its last event, after a pause", async () => {
  client.answer("10");
  await start();
  client.stream.chunks.push({ type: "ADDED", object: thing("a", "11") });
  await clock.advance(60_000);
  client.stream.chunks.fail(new KubeError("Unreachable", "reset"));
  await clock.advance(99);
  assert.equal(client.streams.length, 1);
  await clock.advance(1);
  assert.equal(client.stream.query.resourceVersion, "11");
  assert.equal(client.lists.length, 1);
});

for (const at of ["as a status", "as an ERROR event"] as const) {
  test(`410 ${at} means a new list`, async () => {
    const gone = new KubeError("Expired", "too old", { status: 410 });
    client.answer("10", thing("a", "5"));
    if (at === "as a status") client.refuseWatch(gone);
    await start();
    if (at === "as an ERROR event") client.stream.chunks.fail(gone);
    client.answer("20", thing("b", "15"));
    await clock.advance(200);
    assert.deepEqual(words(), ["LISTED a", "LISTED b"]);
    assert.equal(client.stream.query.resourceVersion, "20");
  });
}

test("any other ERROR event ends the stream and is not ignored", async () => {
  client.answer("10");
  await start();
  client.stream.chunks.fail(new KubeError("ServerError", "etcd is away", { status: 500 }));
  await clock.advance(200);
  assert.equal(client.streams.length, 2);
  assert.equal(client.stream.query.resourceVersion, "10");
});

test("a server that lists well and answers every watch with 410 is not asked in a tight circle", async () => {
  for (let i = 0; i < 40; i++) {
    client.answer("10");
    client.refuseWatch(new KubeError("Expired", "too old", { status: 410 }));
  }
  await start();
  await clock.advance(60_000);
  assert.ok(client.lists.length <= 13, `${client.lists.length} lists in a minute`);
});

test("streams that close at once are opened ever more slowly, and at once again after a good one", async () => {
  client.answer("10");
  await start();
  for (let i = 0; i < 5; i++) {
    client.stream.chunks.end();
    const opened = client.streams.length;
    await clock.advance(100 * 2 ** i - 1);
    assert.equal(client.streams.length, opened);
    await clock.advance(1);
    assert.equal(client.streams.length, opened + 1);
  }
  await clock.advance(5000);
  client.stream.chunks.end();
  await clock.advance(0);
  assert.equal(client.streams.length, 7);
});

test("no failure of the list ends the watcher for good", async () => {
  const failures = [new KubeError("ServerError", "500", { status: 500 }), new KubeError("ServerError", "503", { status: 503 }), new KubeError("Unreachable", "reset"), new KubeError("Unauthorized", "401"), new TypeError("a bug")];
  for (const failure of failures) client.fail(failure);
  client.answer("10", thing("a", "5"));
  await start();
  await clock.advance(10_000);
  assert.deepEqual(words(), ["LISTED a"]);
  assert.equal(client.streams.length, 1);
});

test("after failed lists the first good one is watched without another wait", async () => {
  for (let i = 0; i < 6; i++) client.fail(new KubeError("ServerError", "500"));
  client.answer("10");
  await start();
  while (client.lists.length < 7) await clock.advanceToNext();
  await clock.advance(0);
  assert.equal(client.streams.length, 1);
});

test("a stream that is silent for two and a half minutes is given up and opened again", async () => {
  client.answer("10");
  await start();
  await clock.advance(149_999);
  assert.equal(client.streams.length, 1);
  await clock.advance(1);
  assert.ok(client.streams[0]?.signal.aborted);
  await clock.advance(100);
  assert.equal(client.streams.length, 2);
  assert.equal(client.stream.query.resourceVersion, "10");
});

test("bookmarks keep a quiet stream alive", async () => {
  client.answer("10");
  await start();
  for (let minute = 1; minute <= 5; minute++) {
    await clock.advance(60_000);
    client.stream.chunks.push({ type: "BOOKMARK", resourceVersion: String(10 + minute) });
  }
  await clock.advance(0);
  assert.equal(client.streams.length, 1);
});

test("a stop during the list leaves no watch behind, and tells nothing", async () => {
  const { promise, resolve } = Promise.withResolvers<{ items: Thing[]; resourceVersion: string }>();
  client.answerWith(() => promise);
  await start();
  stop.abort();
  resolve({ items: [thing("a", "5")], resourceVersion: "10" });
  await running;
  assert.deepEqual(words(), []);
  assert.equal(client.streams.length, 0);
});

test("a stop during a stream closes it", async () => {
  client.answer("10");
  await start();
  stop.abort();
  await running;
  assert.ok(client.stream.closed);
});

test("a stop during a pause ends it", async () => {
  client.fail(new KubeError("ServerError", "500"));
  await start();
  assert.equal(clock.pendingTimers, 1);
  stop.abort();
  await running;
});

test("a stop before the start asks for nothing", async () => {
  stop.abort();
  await start();
  await running;
  assert.equal(client.lists.length, 0);
});
