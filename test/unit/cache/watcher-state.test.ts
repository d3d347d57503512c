import assert from "node:assert/strict";
import { test } from "node:test";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { beginList, beginWatch, EMPTY, listFailed, listSucceeded, moved, streamEnded, streamFailed } from "../../../src/cache/watcher-state.ts";

const EXPIRED = new KubeError("Expired", "too old", { status: 410 });
const RESET = new KubeError("Unreachable", "reset");
const watching = beginWatch(listSucceeded(beginList(EMPTY), "10"), 5000);

test("a list leads to a stream from its version", () => {
  assert.deepEqual(watching, { at: "watching", resourceVersion: "10", sinceMs: 5000, failures: 0 });
});

test("a failed list leads back to the beginning, and is counted", () => {
  assert.deepEqual(listFailed(beginList(listFailed(beginList(EMPTY)))), { at: "empty", failures: 2 });
});

test("a list does not make up for streams that failed", () => {
  const refused = streamFailed(watching, EXPIRED, 5001);
  assert.deepEqual(refused, { at: "empty", failures: 1 });
  assert.equal(refused.at === "empty" && listSucceeded(beginList(refused), "20").failures, 1);
});

test("a stream of a second is a good one: its end is no failure, and its breaking is the first", () => {
  const worn = { ...watching, failures: 4 };
  assert.deepEqual(streamEnded(worn, 6000), { at: "listed", resourceVersion: "10", failures: 0 });
  assert.deepEqual(streamFailed(worn, RESET, 6000), { at: "listed", resourceVersion: "10", failures: 1 });
});

test("a stream that is over sooner counts as a failure, however it went", () => {
  assert.equal(streamEnded(watching, 5999).failures, 1);
  assert.equal(streamFailed(watching, RESET, 5999).failures, 1);
});

test("what was told is not asked for again", () => {
  assert.deepEqual(streamFailed(moved(watching, "17"), RESET, 5001), { at: "listed", resourceVersion: "17", failures: 1 });
});
