import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { createInformer, type RunnableInformer } from "../../../src/cache/informer.ts";
import type { CacheEvent } from "../../../src/cache/ports.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger, type Logger } from "../../../src/lib/log.ts";
import { ScriptedClient, thing, THING, type Thing } from "./scripted-client.ts";

const A = { namespace: "here", name: "a" };

let clock: FakeClock;
let client: ScriptedClient;
let stop: AbortController;
let informer: RunnableInformer<Thing>;
let logged: string[];
let running: Promise<void>;

beforeEach(() => {
  clock = new FakeClock();
  client = new ScriptedClient();
  stop = new AbortController();
  logged = [];
  const log: Logger = { ...silentLogger, error: (message) => void logged.push(message) };
  informer = createInformer({ client, kind: THING, query: {}, clock, random: () => 0.5, log, indexes: { color: ({ spec }) => [spec.color] } });
  running = Promise.resolve();
});

afterEach(async () => {
  stop.abort();
  await running;
  assert.equal(clock.pendingTimers, 0);
});

async function start(): Promise<void> {
  running = informer.run(stop.signal);
  await clock.advance(0);
}

function record(): readonly string[] {
  const events: string[] = [];
  informer.subscribe(({ type, object }) => void events.push(`${type} ${object.metadata.name}@${object.metadata.resourceVersion}`));
  return events;
}

test("is synced with the first list, not before", async () => {
  client.fail(new KubeError("ServerError", "500"));
  client.answer("10", thing("a", "5"));
  let synced = false;
  void informer.synced().then(() => (synced = true));
  await start();
  assert.equal(synced || informer.cache.synced, false);
  await clock.advance(200);
  assert.equal(synced && informer.cache.synced, true);
  assert.equal(informer.cache.get(A)?.metadata.resourceVersion, "5");
});

test("an empty collection is synced too", async () => {
  client.answer("10");
  await start();
  await informer.synced();
  assert.deepEqual(informer.cache.list(), []);
});

test("waiting for the first list ends with its signal", async () => {
  const waiting = new AbortController();
  const synced = informer.synced({ signal: waiting.signal });
  waiting.abort(new Error("enough"));
  await assert.rejects(synced, new Error("enough"));
  await assert.rejects(informer.synced({ signal: waiting.signal }), new Error("enough"));
});

test("a listener is first told of what is there, then of every change after it was applied", async () => {
  client.answer("10", thing("a", "5"));
  await start();
  const seen: (string | undefined)[] = [];
  informer.subscribe(({ type, object }) => void seen.push(`${type} ${object.metadata.resourceVersion}, held ${informer.cache.get(A)?.metadata.resourceVersion}`));
  client.stream.chunks.push({ type: "MODIFIED", object: thing("a", "11") });
  client.stream.chunks.push({ type: "DELETED", object: thing("a", "12") });
  await clock.advance(0);
  assert.deepEqual(seen, ["ADDED 5, held 5", "MODIFIED 11, held 11", "DELETED 12, held undefined"]);
});

test("when one object of a list is told, all of them are there", async () => {
  const counts: number[] = [];
  informer.subscribe(() => void counts.push(informer.cache.list().length));
  client.answer("10", thing("a", "5"), thing("b", "6"), thing("c", "7"));
  await start();
  assert.deepEqual(counts, [3, 3, 3]);
});

test("deletions that happened while no stream was open are told by the next list", async () => {
  client.answer("10", thing("a", "5"), thing("b", "6"));
  await start();
  const events = record();
  client.answer("20", thing("b", "6"));
  client.stream.chunks.fail(new KubeError("Expired", "too old"));
  await clock.advance(200);
  assert.deepEqual(events, ["ADDED a@5", "ADDED b@6", "DELETED a@5"]);
});

test("who stops listening is told nothing more", async () => {
  client.answer("10");
  await start();
  const events: CacheEvent<Thing>[] = [];
  const unsubscribe = informer.subscribe((event) => void events.push(event));
  unsubscribe();
  client.stream.chunks.push({ type: "ADDED", object: thing("a", "11") });
  await clock.advance(0);
  assert.deepEqual(events, []);
});

test("a listener that throws harms neither the cache nor the other listeners", async () => {
  client.answer("10", thing("a", "5"));
  informer.subscribe(() => {
    throw new Error("a bug");
  });
  const events = record();
  await start();
  client.stream.chunks.push({ type: "MODIFIED", object: thing("a", "11") });
  await clock.advance(0);
  assert.deepEqual(events, ["ADDED a@5", "MODIFIED a@11"]);
  assert.deepEqual(logged, ["a listener of the cache failed", "a listener of the cache failed"]);
  assert.equal(client.streams.length, 1);
});

test("the answer of our own write is there at once, and told once", async () => {
  client.answer("10", thing("a", "5"));
  await start();
  const events = record();
  informer.observe(thing("a", "11", { color: "blue" }));
  assert.equal(informer.cache.byIndex("color", "blue").length, 1);
  client.stream.chunks.push({ type: "MODIFIED", object: thing("a", "11", { color: "blue" }) });
  await clock.advance(0);
  assert.deepEqual(events, ["ADDED a@5", "MODIFIED a@11"]);
});

test("an answer older than what the watch has brought changes nothing", async () => {
  client.answer("20", thing("a", "15"));
  await start();
  informer.observe(thing("a", "11"));
  assert.equal(informer.cache.get(A)?.metadata.resourceVersion, "15");
});

test("our own creation stays unknown until the watch brings it, and with it all that came before", async () => {
  client.answer("10");
  await start();
  informer.observe(thing("a", "12"));
  assert.equal(informer.cache.get(A), undefined);
  client.stream.chunks.push({ type: "ADDED", object: thing("b", "11") });
  client.stream.chunks.push({ type: "ADDED", object: thing("a", "12") });
  await clock.advance(0);
  assert.equal(informer.cache.list().length, 2);
});

test("an answer about another object of the same name changes nothing", async () => {
  client.answer("10", thing("a", "5", { uid: "first" }));
  await start();
  informer.observe(thing("a", "11", { uid: "second" }));
  assert.equal(informer.cache.get(A)?.metadata.uid, "first");
});

test("what we have deleted is gone at once, and does not come back with late news", async () => {
  client.answer("10", thing("a", "5"));
  await start();
  const events = record();
  informer.observeDeleted(thing("a", "5"));
  assert.equal(informer.cache.get(A), undefined);
  client.stream.chunks.push({ type: "MODIFIED", object: thing("a", "11") });
  client.stream.chunks.push({ type: "DELETED", object: thing("a", "12") });
  client.stream.chunks.push({ type: "ADDED", object: thing("a", "13", { uid: "second" }) });
  await clock.advance(0);
  assert.deepEqual(events, ["ADDED a@5", "DELETED a@5", "ADDED a@13"]);
});
