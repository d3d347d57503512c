import assert from "node:assert/strict";
import { test } from "node:test";
import { Pool } from "undici";
import { EmbeddedApiServer } from "../../../../src/apiserver/index.ts";
import { configMap, LEASES, MAPS } from "./calls.ts";

async function listening() {
  const server = new EmbeddedApiServer();
  const socket = await server.listen();
  return {
    server,
    socket,
    async [Symbol.asyncDispose]() {
      server.close();
      await socket.close();
    },
  };
}

test("a thousand lock cycles need no more connections than the client's pool has", async () => {
  await using here = await listening();
  const pool = new Pool(here.socket.url, { connections: 4, connect: { ca: here.socket.caPem } });
  const call = async (method: "POST" | "DELETE", path: string, body: object): Promise<number> => {
    const answer = await pool.request({ method, path, headers: { "content-type": "application/json" }, body: JSON.stringify(body), reset: false });
    await answer.body.dump();
    return answer.statusCode;
  };
  const cycles = async (worker: number): Promise<void> => {
    for (let round = 0; round < 125; round++) {
      const name = `lock-${worker}-${round}`;
      assert.equal(await call("POST", LEASES, { metadata: { name } }), 201);
      assert.equal(await call("DELETE", `${LEASES}/${name}`, { propagationPolicy: "Background" }), 200);
    }
  };
  await Promise.all(Array.from({ length: 8 }, (_, worker) => cycles(worker)));
  assert.ok(here.socket.connections <= 4, String(here.socket.connections));
  await pool.destroy();
});

test("a watch is streamed line by line, and let go when the client leaves", async () => {
  await using here = await listening();
  const pool = new Pool(here.socket.url, { connections: 2, connect: { ca: here.socket.caPem } });
  const abort = new AbortController();
  const { body } = await pool.request({ method: "GET", path: `${MAPS}?watch=true&timeoutSeconds=60`, signal: abort.signal });
  here.server.handle({ method: "POST", url: MAPS, headers: {}, body: JSON.stringify(configMap("a")) });
  for await (const chunk of body) {
    assert.match(String(chunk), /^\{"type":"ADDED".*\}\n$/);
    break;
  }
  abort.abort();
  while (here.server.faults.openWatches() > 0) await new Promise((resolve) => setImmediate(resolve));
  await pool.destroy();
});

test("a dropped answer is a broken connection", async () => {
  await using here = await listening();
  const pool = new Pool(here.socket.url, { connections: 1, connect: { ca: here.socket.caPem } });
  here.server.faults.add({ action: { kind: "drop-answer" }, times: 1 });
  await assert.rejects(pool.request({ method: "POST", path: MAPS, headers: { "content-type": "application/json" }, body: JSON.stringify(configMap("a")) }), { code: "UND_ERR_SOCKET" });
  assert.equal(here.server.log.writes({ kind: "ConfigMap", code: 201 }), 1);
  await pool.destroy();
});

test("a body of more than three megabytes is too much", async () => {
  await using here = await listening();
  const pool = new Pool(here.socket.url, { connections: 1, connect: { ca: here.socket.caPem } });
  const { statusCode, body } = await pool.request({ method: "POST", path: MAPS, body: "x".repeat(3 * 1024 * 1024 + 1) });
  await body.dump();
  assert.equal(statusCode, 413);
  await pool.destroy();
});
