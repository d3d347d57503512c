import assert from "node:assert/strict";
import { test } from "node:test";
import { jsonPatch } from "../../../../src/apiserver/patch/json-patch.ts";
import { mergePatch } from "../../../../src/apiserver/patch/merge-patch.ts";
import { sameJson } from "../../../../src/apiserver/same-json.ts";
import type { Json } from "../../../../src/api/object.ts";

test("a merge patch merges objects, replaces the rest and removes what is null", () => {
  const target = { a: { b: 1, c: 2 }, list: [1, 2], gone: true };
  assert.deepEqual(mergePatch(target, { a: { b: null, d: { e: null, f: 1 } }, list: [3], gone: null }), { a: { c: 2, d: { f: 1 } }, list: [3] });
  assert.deepEqual(target, { a: { b: 1, c: 2 }, list: [1, 2], gone: true }, "the target is as it was");
  assert.deepEqual(mergePatch("text", { a: 1 }), { a: 1 });
  assert.equal(mergePatch({ a: 1 }, "text"), "text");
});

test("JSON patch steps do what RFC 6902 says", () => {
  const document = { list: ["a", "c"], "a/b": { "m~n": 1 }, nothing: null };
  const step = (op: object): Json => jsonPatch(document, [op as Json]);
  assert.deepEqual(step({ op: "add", path: "/list/1", value: "b" }), { ...document, list: ["a", "b", "c"] });
  assert.deepEqual(step({ op: "add", path: "/list/-", value: "d" }), { ...document, list: ["a", "c", "d"] });
  assert.deepEqual(step({ op: "replace", path: "/a~1b/m~0n", value: 2 }), { ...document, "a/b": { "m~n": 2 } });
  assert.deepEqual(step({ op: "remove", path: "/list/0" }), { ...document, list: ["c"] });
  assert.deepEqual(step({ op: "copy", from: "/list/0", path: "/first" }), { ...document, first: "a" });
  assert.deepEqual(step({ op: "move", from: "/list", path: "/moved" }), { "a/b": { "m~n": 1 }, nothing: null, moved: ["a", "c"] });
  assert.deepEqual(step({ op: "test", path: "/nothing", value: null }), document);
  assert.deepEqual(step({ op: "replace", path: "", value: 1 }), 1);
});

test("a JSON patch that does not fit the document is invalid", () => {
  const document = { list: ["a"], value: 1 };
  const steps = [
    { op: "add", path: "/list/2", value: "b" },
    { op: "add", path: "/list/01", value: "b" },
    { op: "add", path: "/absent/deep", value: 1 },
    { op: "add", path: "/value/deep", value: 1 },
    { op: "add", path: "no-slash", value: 1 },
    { op: "add", path: "/no-value" },
    { op: "remove", path: "/absent" },
    { op: "replace", path: "/absent", value: 1 },
    { op: "test", path: "/value", value: "1" },
    { op: "copy", from: "/absent", path: "/value" },
    { op: "jump", path: "/value" },
    { path: "/value" },
    "text",
  ];
  for (const step of steps) assert.throws(() => jsonPatch(document, [step]), { name: "StatusError", code: 422 }, JSON.stringify(step));
  assert.throws(() => jsonPatch(document, {}), { code: 422 });
});

test("the same JSON is the same, whatever the order of its fields", () => {
  assert.equal(sameJson({ a: [1, { b: null }], c: "d" }, { c: "d", a: [1, { b: null }] }), true);
  for (const [a, b] of [[{ a: 1 }, { b: 1 }], [[1, 2], [2, 1]], [[], {}], [{}, []], [null, {}], [1, "1"], [{ a: 1 }, { a: 1, b: 2 }]] as const) assert.equal(sameJson(a, b), false, JSON.stringify([a, b]));
});
