import assert from "node:assert/strict";
import { test } from "node:test";
import { Store } from "../../../../src/apiserver/store/store.ts";
import type { Change } from "../../../../src/apiserver/store/collection.ts";
import { storedMeta } from "../../../../src/apiserver/objects/metadata.ts";

const object = (name: string, value = 0) => ({ kind: "Thing", apiVersion: "v1", metadata: { name }, value });
const keys = (revisions: readonly { readonly object: { readonly [field: string]: unknown } }[] | undefined) => revisions?.map(({ object: { value } }) => value);

test("one counter versions the writes of all collections", () => {
  const store = new Store(10);
  const first = store.put(store.collection("a"), "x", object("x"));
  const second = store.put(store.collection("b"), "x", object("x"));
  assert.equal(second.version, first.version + 1);
  assert.equal(storedMeta(second.object).resourceVersion, String(second.version));
  assert.equal(store.version, second.version);
});

test("a collection is listed in the order of its keys", () => {
  const store = new Store(10);
  const things = store.collection("things");
  for (const key of ["b/a", "a/z", "a/b"]) store.put(things, key, object(key, 1));
  assert.deepEqual(things.sorted().map((revision) => storedMeta(revision.object).name), ["a/b", "a/z", "b/a"]);
});

test("the past is known until it is compacted", () => {
  const store = new Store(10);
  const things = store.collection("things");
  const { version: one } = store.put(things, "a", object("a", 1));
  const { version: two } = store.put(things, "a", object("a", 2));
  store.put(things, "b", object("b", 3));
  store.remove(things, "a");
  assert.deepEqual(keys(things.sortedAt(one)), [1]);
  assert.deepEqual(keys(things.sortedAt(two)), [2]);
  assert.deepEqual(keys(things.sortedAt(store.version)), [3]);
  assert.deepEqual(things.changesAfter(two)?.map(({ type, key }) => `${type} ${key}`), ["ADDED b", "DELETED a"]);
  store.compact();
  assert.equal(things.sortedAt(two), undefined);
  assert.equal(things.changesAfter(two), undefined);
  assert.deepEqual(things.changesAfter(store.version), []);
});

test("history is kept to its limit, and what is older is known to be forgotten", () => {
  const store = new Store(5);
  const things = store.collection("things");
  const { version } = store.put(things, "a", object("a", 0));
  for (let value = 1; value <= 10; value++) store.put(things, "a", object("a", value));
  assert.equal(things.changesAfter(version), undefined);
  assert.equal(things.changesAfter(store.version - 5)?.length, 5);
});

test("a deletion carries the last state under a version of its own", () => {
  const store = new Store(10);
  const things = store.collection("things");
  const told: Change[] = [];
  things.subscribe((change) => void told.push(change));
  const put = store.put(things, "a", object("a", 7));
  store.remove(things, "a");
  store.remove(things, "a");
  const [, deleted, ...more] = told;
  assert.deepEqual(more, []);
  assert.equal(deleted?.revision.object["value"], 7);
  assert.ok((deleted?.revision.version ?? 0) > put.version);
  assert.equal(deleted?.previous, put);
});

test("a listener that writes does not bring the others out of order", () => {
  const store = new Store(10);
  const things = store.collection("things");
  let wrote = false;
  things.subscribe(() => {
    if (!wrote) {
      wrote = true;
      store.put(things, "b", object("b"));
    }
  });
  const told: string[] = [];
  things.subscribe(({ key }) => void told.push(key));
  store.put(things, "a", object("a"));
  assert.deepEqual(told, ["a", "b"]);
});
