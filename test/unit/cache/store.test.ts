import assert from "node:assert/strict";
import { test } from "node:test";
import { compareResourceVersions, keyOf } from "../../../src/api/object.ts";
import type { CacheEvent } from "../../../src/cache/ports.ts";
import { createStore } from "../../../src/cache/store.ts";
import { thing, type Thing } from "./scripted-client.ts";

const byColor = { color: ({ spec }: Thing) => spec.color.split("+") };

const words = (events: readonly CacheEvent<Thing>[]): readonly string[] => events.map(({ type, object }) => `${type} ${object.metadata.uid}@${object.metadata.resourceVersion}`);
const names = (objects: readonly Thing[]): readonly string[] => objects.map(({ metadata }) => metadata.name).sort();

test("an object is found by its key and under every value of its indexes", () => {
  const store = createStore(byColor);
  store.put(thing("a", "1", { color: "red+blue" }));
  store.put(thing("b", "2", { color: "blue" }));
  assert.equal(store.get({ namespace: "here", name: "a" })?.metadata.resourceVersion, "1");
  assert.equal(store.get({ name: "a" }), undefined);
  assert.deepEqual(names(store.byIndex("color", "blue")), ["a", "b"]);
  assert.deepEqual(names(store.byIndex("color", "red")), ["a"]);
  assert.deepEqual(store.byIndex("color", "green"), []);
});

test("an index that does not exist is a mistake of the caller", () => {
  assert.throws(() => createStore(byColor).byIndex("size", "big"), new TypeError("no index size"));
});

test("an object that changes is filed anew", () => {
  const store = createStore(byColor);
  store.put(thing("a", "1", { color: "red" }));
  const [event] = store.put(thing("a", "2", { color: "blue" }));
  assert.equal(event?.type === "MODIFIED" && event.previous.metadata.resourceVersion, "1");
  assert.deepEqual(store.byIndex("color", "red"), []);
  assert.deepEqual(names(store.byIndex("color", "blue")), ["a"]);
});

test("an older version, or the same one again, changes nothing", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "10"));
  assert.deepEqual(words(store.put(thing("a", "9"))), []);
  assert.deepEqual(words(store.put(thing("a", "10"))), []);
  assert.equal(store.get({ namespace: "here", name: "a" })?.metadata.resourceVersion, "10");
});

test("a new object under an old name is told as the end of one and the beginning of another", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "1", { uid: "first" }));
  assert.deepEqual(words(store.put(thing("a", "2", { uid: "second" }))), ["DELETED first@1", "ADDED second@2"]);
});

test("the late end of an object does not take its successor away", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "2", { uid: "second" }));
  assert.deepEqual(words(store.remove(thing("a", "1", { uid: "first" }))), []);
  assert.deepEqual(names(store.list()), ["a"]);
});

test("DELETED carries the last state, not the one that was held", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "1"));
  assert.deepEqual(words(store.remove(thing("a", "2"))), ["DELETED uid-a@2"]);
});

test("a complete list tells what has gone, come and changed, and nothing of the rest", () => {
  const store = createStore(byColor);
  assert.equal(store.synced, false);
  store.swap([thing("gone", "1"), thing("same", "2"), thing("changed", "3"), thing("reborn", "4", { uid: "first" })], "4");
  assert.equal(store.synced, true);
  const events = store.swap([thing("same", "2"), thing("changed", "9"), thing("new", "8"), thing("reborn", "7", { uid: "second" })], "9");
  assert.deepEqual([...words(events)].sort(), ["ADDED second@7", "ADDED uid-new@8", "DELETED first@4", "DELETED uid-gone@1", "MODIFIED uid-changed@9"]);
  assert.deepEqual(names(store.byIndex("color", "red")), ["changed", "new", "reborn", "same"]);
});

test("a complete list does not take an object back to an older version", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "10"));
  store.swap([thing("a", "9")], "9");
  assert.equal(store.get({ namespace: "here", name: "a" })?.metadata.resourceVersion, "10");
});

test("a buried object does not come back with the news from before its end", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "1"));
  assert.deepEqual(words(store.bury(thing("a", "1"))), ["DELETED uid-a@1"]);
  assert.deepEqual(words(store.put(thing("a", "2"))), []);
  assert.deepEqual(words(store.swap([thing("a", "2")], "2")), []);
  assert.deepEqual(words(store.remove(thing("a", "3"))), []);
});

test("a buried object's successor is welcome", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "1", { uid: "first" }));
  store.bury(thing("a", "1", { uid: "first" }));
  assert.deepEqual(words(store.put(thing("a", "4", { uid: "second" }))), ["ADDED second@4"]);
  assert.deepEqual(words(store.remove(thing("a", "3", { uid: "first" }))), []);
  assert.deepEqual(names(store.list()), ["a"]);
});

test("what is not held is not buried: its end may have been told already", () => {
  const store = createStore<Thing>();
  assert.deepEqual(words(store.bury(thing("a", "1"))), []);
  assert.deepEqual(words(store.put(thing("a", "1"))), ["ADDED uid-a@1"]);
});

test("what we have written of an object that is not told of yet is there when it is", () => {
  const store = createStore<Thing>();
  store.put(thing("b", "1"));
  assert.deepEqual(words(store.observe(thing("a", "4"))), []);
  assert.deepEqual(names(store.list()), ["b"]);
  assert.deepEqual(words(store.put(thing("a", "2"))), ["ADDED uid-a@4"]);
  assert.deepEqual(words(store.put(thing("a", "3"))), [], "the watch comes to what is known");
  assert.deepEqual(words(store.put(thing("a", "5"))), ["MODIFIED uid-a@5"]);
});

test("what we have written of an object that is gone by then is not waited for", () => {
  for (const end of [(store: ReturnType<typeof createStore<Thing>>) => store.remove(thing("a", "5")), (store: ReturnType<typeof createStore<Thing>>) => store.swap([], "5")]) {
    const store = createStore<Thing>();
    store.observe(thing("a", "4"));
    end(store);
    assert.deepEqual(words(store.put(thing("a", "2"))), ["ADDED uid-a@2"]);
  }
  const store = createStore<Thing>();
  store.put(thing("a", "2"));
  store.remove(thing("a", "5"));
  store.observe(thing("a", "4"));
  assert.deepEqual(words(store.put(thing("a", "2"))), ["ADDED uid-a@2"], "its end was told before our answer came");
});

test("a complete list from before our own write of an object does not make that forgotten, one from after it does", () => {
  const store = createStore<Thing>();
  store.observe(thing("a", "5"));
  store.swap([thing("b", "3")], "3");
  assert.deepEqual(words(store.put(thing("a", "4"))), ["ADDED uid-a@5"]);
  store.swap([], "8");
  store.observe(thing("a", "6"));
  assert.deepEqual(words(store.put(thing("a", "4"))), ["ADDED uid-a@4"], "what the list does not hold is gone");
});

test("what we have deleted does not make us think that the watch has come that far", () => {
  const store = createStore<Thing>();
  store.put(thing("a", "1"));
  store.bury(thing("a", "9"));
  store.observe(thing("b", "5"));
  assert.deepEqual(words(store.put(thing("b", "4"))), ["ADDED uid-b@5"]);
});

/** Evenly spread numbers in [0, 1), the same for the same seed. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

for (let seed = 1; seed <= 20; seed++) {
  test(`after any sequence of writes, indexes, contents and told events agree (seed ${seed})`, () => {
    const random = randomOf(seed);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const store = createStore(byColor);
    const replayed = new Map<string, Thing>();
    let version = 0;
    const some = (): Thing => thing(pick(["a", "b", "c"]), String(version - Math.floor(random() * 3)), { uid: pick(["u1", "u2"]), color: pick(["red", "blue", "red+blue"]) });
    for (let step = 0; step < 200; step++) {
      version++;
      const before = new Map(store.list().map((object) => [keyOf(object), object]));
      const write = pick(["put", "put", "put", "remove", "bury", "swap"] as const);
      const events = write === "swap" ? store.swap([...new Map([some(), some()].map((object) => [keyOf(object), object])).values()], String(version)) : store[write](some());
      for (const event of events) {
        const key = keyOf(event.object);
        assert.equal(event.type === "ADDED", !replayed.has(key), "an object is added once, and only then changed or deleted");
        if (event.type === "MODIFIED") assert.equal(event.previous, replayed.get(key));
        if (event.type === "DELETED") replayed.delete(key);
        else replayed.set(key, event.object);
      }
      assert.deepEqual(new Map(store.list().map((object) => [keyOf(object), object])), replayed);
      for (const color of ["red", "blue"]) assert.deepEqual(names(store.byIndex("color", color)), names(store.list().filter(({ spec }) => spec.color.split("+").includes(color))));
      for (const object of store.list()) {
        const earlier = before.get(keyOf(object));
        if (earlier) assert.ok(compareResourceVersions(object.metadata.resourceVersion, earlier.metadata.resourceVersion) >= 0 || write === "swap", "never goes back");
      }
    }
  });
}
