import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { afterEach, before, beforeEach, test } from "node:test";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { noCredentials, tokenCredentials, type Credentials } from "../../../src/kube/credentials.ts";
import { isKubeError, KubeError } from "../../../src/kube/kube-error.ts";
import type { Transport, TransportRequest } from "../../../src/kube/transport.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "../../../src/kube/undici-transport.ts";
import { authority, json, tlsServer, until, type Authority, type Pair, type Seen, type TlsServer } from "./tls-server.ts";

let ca: Authority;
let pair: Pair;
let client: Pair;
let clock: FakeClock;
let open: AsyncDisposableStack;

before(async () => {
  ca = await authority();
  [pair, client] = await Promise.all([ca.sign("server.test"), ca.sign("replica-1")]);
});
beforeEach(() => {
  clock = new FakeClock();
  open = new AsyncDisposableStack();
});
afterEach(async () => {
  await open.disposeAsync();
  assert.equal(clock.pendingTimers, 0, "no deadline is left behind");
});

async function serve(answer: (seen: Seen, response: ServerResponse) => void): Promise<TlsServer> {
  return open.use(await tlsServer({ ...pair, ca: ca.cert }, answer));
}

function connect(server: string, given: Partial<UndiciTransportOptions> = {}): Transport {
  const transport = createUndiciTransport({ server, caPem: ca.cert, credentials: noCredentials, clock, userAgent: "ro-test", ...given });
  open.defer(() => transport.close());
  return transport;
}

function a(method: TransportRequest["method"], given: Partial<TransportRequest> = {}): TransportRequest {
  return { method, path: "/things/a?x=1", headers: { accept: "application/json" }, deadlineMs: 10_000, ...(method === "GET" ? {} : { body: '{"a":"ü"}' }), ...given };
}

async function all<T>(chunks: AsyncIterable<T>): Promise<readonly T[]> {
  const found: T[] = [];
  for await (const chunk of chunks) found.push(chunk);
  return found;
}

const hang = (): void => undefined;
const ok = (_: unknown, response: ServerResponse): void => json(response, 200, { ok: true });

test("a request arrives whole, as who we are, and so does its answer", async () => {
  const server = await serve((_, response) => json(response, 201, { a: "ü" }, { "X-Thing": "1" }));
  const answer = await connect(server.url, { credentials: tokenCredentials("secret") }).request(a("POST", { headers: { "content-type": "application/json" } }));
  assert.deepEqual([answer.status, answer.body, answer.headers["x-thing"]], [201, '{"a":"ü"}', "1"]);
  const [seen] = server.seen;
  assert.deepEqual([seen?.method, seen?.url, seen?.body], ["POST", "/things/a?x=1", '{"a":"ü"}']);
  assert.deepEqual([seen?.headers.authorization, seen?.headers["user-agent"], seen?.headers["content-type"]], ["Bearer secret", "ro-test", "application/json"]);
});

test("a server's address may have a path", async () => {
  const server = await serve(ok);
  await connect(`${server.url}/clusters/one/`).request(a("GET"));
  assert.equal(server.seen[0]?.url, "/clusters/one/things/a?x=1");
});

test("an address that is none is refused at once", () => {
  assert.throws(() => connect("localhost:6443"), TypeError);
});

test("a DELETE with a body keeps its connection", async () => {
  const server = await serve(ok);
  const transport = connect(server.url);
  for (let i = 0; i < 20; i++) await transport.request(a("DELETE"));
  // The one that has just answered is not free yet in the very turn in which its answer is told.
  assert.ok(server.connections <= 2, `${server.connections} connections`);
});

test("at most eight connections carry any number of requests", async () => {
  const server = await serve(ok);
  const transport = connect(server.url);
  await Promise.all(Array.from({ length: 100 }, () => transport.request(a("DELETE"))));
  assert.equal(server.seen.length, 100);
  assert.ok(server.connections <= 8);
});

test("watches do not take connections from requests", async () => {
  const server = await serve(({ url }, response) => (url.startsWith("/watch") ? void response.writeHead(200).write("\n") : json(response, 200, {})));
  const transport = connect(server.url, { connections: 1 });
  const stop = new AbortController();
  await Promise.all(Array.from({ length: 12 }, () => transport.stream({ ...a("GET", { path: "/watch" }), signal: stop.signal })));
  assert.equal((await transport.request(a("GET"))).status, 200);
});

test("a server that our authority did not sign is not talked to, and nothing was sent", async () => {
  const server = await serve(ok);
  const transport = connect(server.url, { caPem: (await authority()).cert });
  await assert.rejects(transport.request(a("POST")), (error) => isKubeError(error, "Unreachable"));
  assert.equal(server.seen.length, 0);
});

test("a certificate is looked at only if it is to be", async () => {
  const server = await serve(ok);
  const answer = await connect(server.url, { caPem: (await authority()).cert, insecureSkipTlsVerify: true }).request(a("GET"));
  assert.equal(answer.status, 200);
});

test("the name that a certificate must carry can be given", async () => {
  const server = await serve(ok);
  assert.equal((await connect(server.url, { serverName: "server.test" }).request(a("GET"))).status, 200);
  await assert.rejects(connect(server.url, { serverName: "other.test" }).request(a("GET")), (error) => isKubeError(error, "Unreachable"));
});

test("a client certificate says who we are", async () => {
  const server = await serve(ok);
  await connect(server.url, { clientCertificate: { certPem: client.cert, keyPem: client.key } }).request(a("GET"));
  assert.equal(server.seen[0]?.client, "replica-1");
});

test("credentials may bring the certificate of each connection", async () => {
  const server = await serve(ok);
  await connect(server.url, { credentials: { ...noCredentials, certificate: async () => ({ certPem: client.cert, keyPem: client.key }) } }).request(a("GET"));
  assert.equal(server.seen[0]?.client, "replica-1");
});

test("a refused connection changes nothing: Unreachable, for a write too", async () => {
  const gone = await serve(ok);
  await gone[Symbol.asyncDispose]();
  for (const method of ["GET", "POST"] as const) await assert.rejects(connect(gone.url).request(a(method)), (error) => isKubeError(error, "Unreachable") && /ECONNREFUSED/.test(error.message));
});

for (const method of ["POST", "PUT", "PATCH", "DELETE"] as const) {
  test(`a ${method} that was sent and not answered has an unknown outcome, and is sent once`, async () => {
    const server = await serve((_, response) => void response.socket?.destroy());
    await assert.rejects(connect(server.url).request(a(method)), (error) => isKubeError(error, "UnknownOutcome"));
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(server.seen.length, 1);
  });
}

test("a write whose answer broke off has an unknown outcome", async () => {
  const server = await serve((_, response) => {
    response.writeHead(200, { "content-length": "100" }).write("{");
    setImmediate(() => response.socket?.destroy());
  });
  await assert.rejects(connect(server.url).request(a("POST")), (error) => isKubeError(error, "UnknownOutcome"));
});

test("a read that was not answered changed nothing", async () => {
  const server = await serve((_, response) => void response.socket?.destroy());
  await assert.rejects(connect(server.url).request(a("GET")), (error) => isKubeError(error, "Unreachable"));
});

test("a write that is not answered within its deadline has an unknown outcome", async () => {
  const server = await serve(hang);
  const answer = assert.rejects(connect(server.url).request(a("POST", { deadlineMs: 500 })), (error) => isKubeError(error, "UnknownOutcome") && error.message === "POST /things/a?x=1: no answer within 500 ms");
  await until(() => server.seen.length === 1, "the request has arrived");
  await clock.advance(500);
  await answer;
});

test("an answer that does not end within the deadline is none", async () => {
  const server = await serve((_, response) => void response.writeHead(200).write("{"));
  const transport = connect(server.url);
  const answer = assert.rejects(transport.request(a("GET", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await until(() => server.seen.length === 1, "the request has arrived");
  await clock.advance(500);
  await answer;
});

test("a write that still waits for a connection at its deadline was never sent, and will not be", async () => {
  const waiting: ServerResponse[] = [];
  const server = await serve((_, response) => void waiting.push(response));
  const transport = connect(server.url, { connections: 1 });
  const first = transport.request(a("GET", { path: "/first" }));
  await until(() => server.seen.length === 1, "the first has arrived");
  const second = assert.rejects(transport.request(a("POST", { path: "/second", deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await clock.advance(500);
  await second;
  for (const response of waiting) json(response, 200, {});
  await first;
  const third = transport.request(a("GET", { path: "/third" }));
  await until(() => server.seen.length === 2, "the third has arrived");
  for (const response of waiting.slice(1)) json(response, 200, {});
  await third;
  assert.deepEqual(server.seen.map(({ url }) => url), ["/first", "/third"]);
});

test("a connection that is never made does not outlast the deadline", async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  open.defer(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const answer = assert.rejects(connect(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`).request(a("POST", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await until(() => sockets.length === 1, "the connection has begun");
  await clock.advance(500);
  await answer;
});

test("credentials that can not be had send nothing, and do not outlast the deadline", async () => {
  const server = await serve(ok);
  const none: Credentials = { headers: () => Promise.reject(new KubeError("Unreachable", "no token")), refused: () => false };
  await assert.rejects(connect(server.url, { credentials: none }).request(a("POST")), (error) => isKubeError(error, "Unreachable") && /no token/.test(error.message));
  const never: Credentials = { headers: () => new Promise(() => undefined), refused: () => false };
  const answer = assert.rejects(connect(server.url, { credentials: never }).request(a("POST", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await clock.advance(500);
  await answer;
  assert.equal(server.seen.length, 0);
});

test("an aborted read fails with the caller's reason, an aborted write with what it came to", async () => {
  const server = await serve(hang);
  const transport = connect(server.url);
  const why = new Error("not needed any more");
  const signal = AbortSignal.abort(why);
  await assert.rejects(transport.request(a("GET", { signal })), why);
  await assert.rejects(transport.request(a("POST", { signal })), (error) => isKubeError(error, "Unreachable") && error.cause === why);
  assert.equal(server.seen.length, 0);
  const stop = new AbortController();
  const answer = assert.rejects(transport.request(a("POST", { signal: stop.signal })), (error) => isKubeError(error, "UnknownOutcome") && error.cause === why);
  await until(() => server.seen.length === 1, "the request has arrived");
  stop.abort(why);
  await answer;
});

/** Credentials that change when they are refused. */
function numbered(): Credentials {
  let number = 1;
  return { headers: () => ({ authorization: `Bearer ${number}` }), refused: () => ++number > 0 };
}

test("a read that was refused with 401 is sent once more with new credentials", async () => {
  const server = await serve(({ headers }, response) => json(response, headers.authorization === "Bearer 2" ? 200 : 401, {}));
  assert.equal((await connect(server.url, { credentials: numbered() }).request(a("GET"))).status, 200);
});

test("a read is not sent a third time, nor with credentials that never change", async () => {
  const server = await serve((_, response) => json(response, 401, {}));
  assert.equal((await connect(server.url, { credentials: numbered() }).request(a("GET"))).status, 401);
  assert.equal(server.seen.length, 2);
  assert.equal((await connect(server.url, { credentials: tokenCredentials("x") }).request(a("GET"))).status, 401);
  assert.equal(server.seen.length, 3);
});

test("a write that was refused with 401 is not sent again, but the next one has new credentials", async () => {
  const server = await serve(({ headers }, response) => json(response, headers.authorization === "Bearer 2" ? 200 : 401, {}));
  const transport = connect(server.url, { credentials: numbered() });
  assert.equal((await transport.request(a("POST"))).status, 401);
  assert.equal(server.seen.length, 1);
  assert.equal((await transport.request(a("POST"))).status, 200);
});

test("a stream's chunks come as they are sent, and its end is the end", async () => {
  let response: ServerResponse | undefined;
  const server = await serve((_, given) => {
    response = given;
    given.writeHead(200).write("one\n");
  });
  const stream = await connect(server.url).stream({ ...a("GET"), signal: new AbortController().signal });
  const chunks = stream.chunks[Symbol.asyncIterator]();
  assert.equal(Buffer.from((await chunks.next()).value ?? "").toString(), "one\n");
  assert.equal(clock.pendingTimers, 0, "an open stream has no deadline");
  response?.end("two\n");
  assert.equal(Buffer.from((await chunks.next()).value ?? "").toString(), "two\n");
  assert.deepEqual(await chunks.next(), { value: undefined, done: true });
});

test("a stream that is not answered within its deadline is given up", async () => {
  const server = await serve(hang);
  const answer = assert.rejects(connect(server.url).stream({ ...a("GET", { deadlineMs: 500 }), signal: new AbortController().signal }), (error) => isKubeError(error, "Unreachable"));
  await until(() => server.seen.length === 1, "the request has arrived");
  await clock.advance(500);
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
