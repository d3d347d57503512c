import assert from "node:assert/strict";
import { test } from "node:test";
import { ConnectionLost } from "../../../../src/apiserver/index.ts";
import { configMap, Heard, LEASES, MAPS, open, reply, requestOf, world } from "./calls.ts";

const create = (name: string) => requestOf("POST", MAPS, configMap(name));
const watchMaps = (version: string) => requestOf("GET", `${MAPS}?watch=true&resourceVersion=${version}`);

test("without a rule nothing is in the way", async () => {
  const { server } = world();
  assert.equal(reply(await server.call(create("a"))).status, 201);
});

test("a dropped request is not handled, a dropped answer is", async () => {
  const { server, call } = world();
  server.faults.add({ match: { verbs: ["create"], kind: "ConfigMap" }, action: { kind: "drop-request" }, times: 1 });
  await assert.rejects(server.call(create("a")), ConnectionLost);
  assert.equal(call("GET", `${MAPS}/a`).status, 404);
  server.faults.add({ match: { verbs: ["create"] }, action: { kind: "drop-answer" }, times: 1 });
  await assert.rejects(server.call(create("a")), ConnectionLost);
  assert.equal(call("GET", `${MAPS}/a`).status, 200);
  assert.equal(reply(await server.call(create("b"))).status, 201, "both rules are used up");
});

test("a write whose sender gave up lands all the same, later", async () => {
  const { server, call, clock } = world();
  server.faults.add({ action: { kind: "delay", requestMs: 500 } });
  const abort = new AbortController();
  const answer = server.call(create("late"), { signal: abort.signal });
  await clock.advance(100);
  abort.abort(new Error("too slow"));
  await assert.rejects(answer, /too slow/);
  assert.equal(call("GET", `${MAPS}/late`).status, 404);
  await clock.advance(400);
  assert.equal(call("GET", `${MAPS}/late`).status, 200);
});

test("an answer may take its time after the write", async () => {
  const { server, call, clock } = world();
  server.faults.add({ match: { user: "system:anonymous" }, action: { kind: "delay", answerMs: () => 300 } });
  let answered = false;
  const answer = server.call(create("a")).then(() => {
    answered = true;
  });
  await clock.advance(299);
  assert.equal(call("GET", `${MAPS}/a`).status, 200);
  assert.equal(answered, false);
  await clock.advance(1);
  await answer;
});

test("a request that hangs is answered never, and given up by its sender", async () => {
  const { server, call } = world();
  server.faults.add({ action: { kind: "hang-answer" } });
  const abort = new AbortController();
  const answer = server.call(create("a"), { signal: abort.signal });
  abort.abort(new Error("deadline"));
  await assert.rejects(answer, /deadline/);
  assert.equal(call("GET", `${MAPS}/a`).status, 200);
});

test("a failure is answered as the real one words it, only to those who are meant", async () => {
  const { server } = world({ tokens: { a: { name: "a", groups: [] }, b: { name: "b", groups: [] } } });
  const undo = server.faults.add({ match: { user: "a", verbs: ["get", "list"], kind: "Lease" }, action: { kind: "answer", status: 429, retryAfterSeconds: 7 } });
  const get = async (user: string) => reply(await server.call(requestOf("GET", LEASES, undefined, { authorization: `Bearer ${user}` })));
  const refused = await get("a");
  assert.deepEqual([refused.status, refused.headers["retry-after"], refused.at("reason")], [429, "7", "TooManyRequests"]);
  assert.equal((await get("b")).status, 200);
  undo();
  assert.equal((await get("a")).status, 200);
});

test("a rule may fit some of the requests only", async () => {
  const { server } = world();
  server.faults.add({ action: { kind: "answer", status: 503 }, probability: 0.5 });
  const statuses = await Promise.all(Array.from({ length: 100 }, async () => reply(await server.call(requestOf("GET", MAPS))).status));
  const failed = statuses.filter((status) => status === 503).length;
  assert.ok(failed > 25 && failed < 75, String(failed));
});

test("watches are closed as by a server that goes away", async () => {
  const { server, clock } = world();
  const heard = new Heard();
  open(await server.call(watchMaps(server.resourceVersion)), heard);
  assert.equal(server.faults.openWatches({ kind: "ConfigMap" }), 1);
  assert.equal(server.faults.closeWatches({ kind: "Lease" }), 0);
  assert.equal(server.faults.closeWatches({ kind: "ConfigMap" }), 1);
  assert.deepEqual(heard.lines, ["END"]);
  assert.deepEqual([server.faults.openWatches(), clock.pendingTimers], [0, 0]);
});

test("a watch that is held back is silent, then hears everything in order", async () => {
  const { server, call } = world();
  const heard = new Heard();
  open(await server.call(watchMaps(server.resourceVersion)), heard);
  const release = server.faults.holdWatches({ kind: "ConfigMap" });
  call("POST", MAPS, configMap("a"));
  call("DELETE", `${MAPS}/a`);
  assert.deepEqual(heard.lines, []);
  release();
  assert.deepEqual(heard.lines, ["ADDED a", "DELETED a"]);
});

test("a watch may lag behind, and another one does not", async () => {
  const { server, call, clock } = world();
  const [late, prompt] = [new Heard(), new Heard()];
  open(await server.call(watchMaps(server.resourceVersion)), late);
  open(await server.call(requestOf("GET", `${LEASES}?watch=true&resourceVersion=${server.resourceVersion}`)), prompt);
  const delays = [300, 100];
  const undo = server.faults.delayWatches({ kind: "ConfigMap" }, () => delays.shift() ?? 0);
  call("POST", MAPS, configMap("a"));
  call("POST", MAPS, configMap("b"));
  call("POST", LEASES, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "c" } });
  assert.deepEqual(prompt.lines, ["ADDED c"]);
  await clock.advance(299);
  assert.deepEqual(late.lines, []);
  await clock.advance(1);
  assert.deepEqual(late.lines, ["ADDED a", "ADDED b"], "the second line does not overtake the first");
  undo();
  call("POST", MAPS, configMap("d"));
  assert.deepEqual(late.lines, ["ADDED a", "ADDED b", "ADDED d"]);
});

test("a client that leaves a late watch leaves no timer behind", async () => {
  const { server, call, clock } = world();
  server.faults.delayWatches({}, 1000);
  const heard = new Heard();
  const leave = open(await server.call(watchMaps(server.resourceVersion)), heard);
  call("POST", MAPS, configMap("a"));
  leave();
  assert.equal(clock.pendingTimers, 0);
  assert.deepEqual(heard.lines, []);
});
