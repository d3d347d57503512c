import assert from "node:assert/strict";
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import type { ServerResponse } from "node:http";
import { test } from "node:test";
import { noCredentials, tokenCredentials, type Credentials } from "../../../src/kube/credentials.ts";
import { isKubeError, KubeError } from "../../../src/kube/kube-error.ts";
import { authority, json, until } from "./tls-server.ts";
import { a, transportWorld } from "./transport-world.ts";

const world = transportWorld();
const { serve, connect } = world;
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

test("at most eight connections carry any number of requests, three of them the urgent ones", async () => {
  const server = await serve(ok);
  const transport = connect(server.url);
  await Promise.all(Array.from({ length: 100 }, (_, at) => transport.request(a("DELETE", { urgent: at % 2 === 0 }))));
  assert.equal(server.seen.length, 100);
  assert.ok(server.connections <= 8, `${server.connections} connections`);
});

test("an urgent request is not kept waiting by any number of others", { timeout: 10_000 }, async () => {
  const server = await serve(({ url }, response) => (url === "/slow" ? undefined : json(response, 200, {})));
  const transport = connect(server.url);
  const stop = new AbortController();
  const others = Array.from({ length: 100 }, () => transport.request(a("GET", { path: "/slow", signal: stop.signal })));
  await until(() => server.seen.length > 0, "the others are under way");
  assert.equal((await transport.request(a("POST", { urgent: true }))).status, 200);
  stop.abort();
  await Promise.allSettled(others);
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
  await connect(server.url, { clientCertificate: { certPem: world.client.cert, keyPem: world.client.key } }).request(a("GET"));
  assert.equal(server.seen[0]?.client, "replica-1");
});

test("credentials may bring the certificate of each connection", async () => {
  const server = await serve(ok);
  await connect(server.url, { credentials: { ...noCredentials, certificate: async () => ({ certPem: world.client.cert, keyPem: world.client.key }) } }).request(a("GET"));
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
  await world.clock.advance(500);
  await answer;
});

test("an answer that does not end within the deadline is none", async () => {
  const server = await serve((_, response) => void response.writeHead(200).write("{"));
  const transport = connect(server.url);
  const answer = assert.rejects(transport.request(a("GET", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await until(() => server.seen.length === 1, "the request has arrived");
  await world.clock.advance(500);
  await answer;
});

test("a write that still waits for a connection at its deadline was never sent, and will not be", async () => {
  const waiting: ServerResponse[] = [];
  const server = await serve((_, response) => void waiting.push(response));
  const transport = connect(server.url, { connections: 1 });
  const first = transport.request(a("GET", { path: "/first" }));
  await until(() => server.seen.length === 1, "the first has arrived");
  const second = assert.rejects(transport.request(a("POST", { path: "/second", deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await world.clock.advance(500);
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
  world.open.defer(() => {
    for (const socket of sockets) socket.destroy();
    silent.close();
  });
  const answer = assert.rejects(connect(`https://127.0.0.1:${(silent.address() as AddressInfo).port}`).request(a("POST", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await until(() => sockets.length === 1, "the connection has begun");
  await world.clock.advance(500);
  await answer;
});

test("credentials that can not be had send nothing, and do not outlast the deadline", async () => {
  const server = await serve(ok);
  const none: Credentials = { headers: () => Promise.reject(new KubeError("Unreachable", "no token")), refused: () => false };
  await assert.rejects(connect(server.url, { credentials: none }).request(a("POST")), (error) => isKubeError(error, "Unreachable") && /no token/.test(error.message));
  const never: Credentials = { headers: () => new Promise(() => undefined), refused: () => false };
  const answer = assert.rejects(connect(server.url, { credentials: never }).request(a("POST", { deadlineMs: 500 })), (error) => isKubeError(error, "Unreachable"));
  await world.clock.advance(500);
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
