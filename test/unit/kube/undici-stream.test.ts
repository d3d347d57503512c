import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { isKubeError } from "../../../src/kube/kube-error.ts";
import { until } from "./tls-server.ts";
import { a, transportWorld } from "./transport-world.ts";

const world = transportWorld();
const { serve, connect } = world;
const hang = (): void => undefined;

test("a stream's chunks come as they are sent, and its end is the end", async () => {
  let response: ServerResponse | undefined;
  const server = await serve((_, given) => {
    response = given;
    given.writeHead(200).write("one\n");
  });
  const stream = await connect(server.url).stream({ ...a("GET"), signal: new AbortController().signal });
  const chunks = stream.chunks[Symbol.asyncIterator]();
  assert.equal(Buffer.from((await chunks.next()).value ?? "").toString(), "one\n");
  assert.equal(world.clock.pendingTimers, 0, "an open stream has no deadline");
  response?.end("two\n");
  assert.equal(Buffer.from((await chunks.next()).value ?? "").toString(), "two\n");
  assert.deepEqual(await chunks.next(), { value: undefined, done: true });
});

test("a stream that is not answered within its deadline is given up", async () => {
  const server = await serve(hang);
  const answer = assert.rejects(connect(server.url).stream({ ...a("GET", { deadlineMs: 500 }), signal: new AbortController().signal }), (error) => isKubeError(error, "Unreachable"));
  await until(() => server.seen.length === 1, "the request has arrived");
  await world.clock.advance(500);
  await answer;
});

test("a stream that breaks says so", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200).write("one\n");
    setImmediate(() => response.socket?.destroy());
  });
  const stream = await connect(server.url).stream({ ...a("GET"), signal: new AbortController().signal });
  await assert.rejects(all(stream.chunks), (error) => isKubeError(error, "Unreachable"));
});

test("leaving a stream, or aborting it, closes its connection", async () => {
  let closed = 0;
  const server = await serve((_, response) => {
    response.once("close", () => closed++);
    response.writeHead(200).write("one\n");
  });
  const transport = connect(server.url);
  const left = await transport.stream({ ...a("GET"), signal: new AbortController().signal });
  for await (const _ of left.chunks) break;
  await until(() => closed === 1, "the connection that was left is closed");
  const stop = new AbortController();
  const aborted = await transport.stream({ ...a("GET"), signal: stop.signal });
  const why = new Error("enough");
  const read = assert.rejects(all(aborted.chunks), why);
  stop.abort(why);
  await read;
  await until(() => closed === 2, "the connection that was aborted is closed");
});

test("a slow reader does not make us hold the whole stream", async () => {
  let written = 0;
  const server = await serve((_, response) => {
    response.writeHead(200);
    const block = "x".repeat(65_536);
    const more = (): void => {
      while (written < 400 && response.write(block)) written++;
      if (written < 400) response.once("drain", () => (written++, more()));
      else response.end();
    };
    more();
  });
  const stream = await connect(server.url).stream({ ...a("GET"), signal: new AbortController().signal });
  const chunks = stream.chunks[Symbol.asyncIterator]();
  let size = ((await chunks.next()).value ?? "").length;
  let before = -1;
  for (let calm = 0; calm < 50; calm = before === written ? calm + 1 : 0) {
    before = written;
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.ok(written < 400, "the server was held up");
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) size += next.value.length;
  assert.equal(size, 400 * 65_536);
});

test("closing ends what is on its way", async () => {
  const server = await serve(hang);
  const transport = connect(server.url);
  const read = assert.rejects(transport.request(a("GET")), (error) => isKubeError(error, "Unreachable"));
  const write = assert.rejects(transport.request(a("POST")), (error) => isKubeError(error, "UnknownOutcome"));
  await until(() => server.seen.length === 2, "both have arrived");
  await transport.close();
  await Promise.all([read, write]);
  await assert.rejects(transport.request(a("POST")), (error) => isKubeError(error, "Unreachable"));
});

async function all<T>(chunks: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return found;
}
