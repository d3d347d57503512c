import assert from "node:assert/strict";
import { test } from "node:test";
import { configMap, Heard, MAPS, open, requestOf, wordAt, world } from "./calls.ts";

test("a watch is told before the write returns", () => {
  const { server, call } = world();
  const heard = new Heard();
  open(server.handle(requestOf("GET", `${MAPS}?watch=true&resourceVersion=${server.resourceVersion}`)), heard);
  call("POST", MAPS, configMap("a"));
  assert.deepEqual(heard.lines, ["ADDED a"]);
});

test("what happens between a watch's answer and its opening is not lost", () => {
  const { server, call } = world();
  const response = server.handle(requestOf("GET", `${MAPS}?watch=true&resourceVersion=${server.resourceVersion}`));
  call("POST", MAPS, configMap("a"));
  const heard = new Heard();
  open(response, heard);
  assert.deepEqual(heard.lines, ["ADDED a"]);
});

test("a watch that was left hears nothing more and keeps no timer", () => {
  const { server, call, clock } = world();
  const heard = new Heard();
  const leave = open(server.handle(requestOf("GET", `${MAPS}?watch=true&allowWatchBookmarks=true`)), heard);
  assert.equal(clock.pendingTimers, 2);
  leave();
  leave();
  call("POST", MAPS, configMap("a"));
  assert.deepEqual(heard.lines, []);
  assert.equal(clock.pendingTimers, 0);
});

test("bookmarks come once a minute and before the end, only where they are asked for", async () => {
  const { server, clock } = world();
  const [marked, plain] = [new Heard(), new Heard()];
  open(server.handle(requestOf("GET", `${MAPS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=150`)), marked);
  open(server.handle(requestOf("GET", `${MAPS}?watch=true&timeoutSeconds=150`)), plain);
  await clock.advance(149_000);
  assert.deepEqual(marked.lines, ["BOOKMARK", "BOOKMARK"]);
  await clock.advance(1000);
  assert.deepEqual(marked.lines, ["BOOKMARK", "BOOKMARK", "BOOKMARK", "END"]);
  assert.deepEqual(plain.lines, ["END"]);
  assert.equal(clock.pendingTimers, 0);
});

test("a bookmark carries the latest version of the whole store", async () => {
  const { server, call, clock } = world();
  const lines: string[] = [];
  open(server.handle(requestOf("GET", `${MAPS}?watch=true&allowWatchBookmarks=true`)), { write: (line) => void lines.push(line), end: () => undefined });
  call("POST", "/api/v1/namespaces/default/secrets", { apiVersion: "v1", kind: "Secret", metadata: { name: "a" } });
  await clock.advance(60_000);
  assert.deepEqual(JSON.parse(lines[0] ?? ""), { type: "BOOKMARK", object: { kind: "ConfigMap", apiVersion: "v1", metadata: { resourceVersion: server.resourceVersion } } });
});

test("a watch without a timeout ends by itself between half an hour and an hour", async () => {
  const { server, clock } = world();
  const heard = new Heard();
  open(server.handle(requestOf("GET", `${MAPS}?watch=true`)), heard);
  await clock.advance(30 * 60_000);
  assert.deepEqual(heard.lines, []);
  await clock.advance(30 * 60_000);
  assert.deepEqual(heard.lines, ["END"]);
});

test("history that was forgotten does not end a watch that is open", () => {
  const { server, call } = world();
  const heard = new Heard();
  open(server.handle(requestOf("GET", `${MAPS}?watch=true&resourceVersion=${server.resourceVersion}`)), heard);
  server.compact();
  call("POST", MAPS, configMap("a"));
  assert.deepEqual(heard.lines, ["ADDED a"]);
});

test("a continued list from before what was forgotten is gone, and says how to go on", () => {
  const { server, call } = world();
  for (const name of ["a", "b", "c"]) call("POST", MAPS, configMap(name));
  const first = call("GET", `${MAPS}?limit=1`);
  call("POST", MAPS, configMap("d"));
  server.compact();
  const gone = call("GET", `${MAPS}?limit=1&continue=${wordAt(first, "metadata.continue")}`);
  assert.deepEqual([gone.status, gone.at("reason")], [410, "Expired"]);
  const rest = call("GET", `${MAPS}?continue=${wordAt(gone, "metadata.continue")}`);
  assert.deepEqual([rest.at("items.0.metadata.name"), rest.at("items.2.metadata.name")], ["b", "d"]);
});
