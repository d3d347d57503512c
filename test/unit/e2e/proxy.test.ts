import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { Pool } from "undici";
import { startProxy, type ApiProxy } from "../../e2e/proxy.ts";
import { authority, json, tlsServer, until, type Authority, type TlsServer } from "../kube/tls-server.ts";

const JOBS = "/apis/batch/v1/namespaces/ns/jobs";
const WATCH = "/apis/kubernaut.ai/v1alpha1/namespaces/ns/workflowexecutions?watch=1";
const OTHER_WATCH = "/apis/kubernaut.ai/v1alpha1/namespaces/ns/remediationrequests?watch=1";

describe("the network of the tests", () => {
  let ca: Authority;
  before(async () => {
    ca = await authority();
  });

  async function network(t: { after(end: () => Promise<unknown>): void }): Promise<{ readonly server: TlsServer; readonly proxy: ApiProxy; readonly pool: Pool }> {
    const server = await tlsServer(await ca.sign("api"), (seen, response) => {
      if (!seen.url.includes("watch=1")) return json(response, seen.method === "POST" ? 201 : 200, { path: seen.url });
      response.writeHead(200);
      response.write("first\n");
    });
    const proxy = await startProxy({ url: server.url, caPem: ca.cert });
    const pool = new Pool(proxy.url, { connect: { ca: proxy.caPem } });
    t.after(async () => {
      await pool.destroy();
      await proxy[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    });
    return { server, proxy, pool };
  }

  async function send(pool: Pool, method: "GET" | "POST", path: string): Promise<number> {
    const { statusCode, body } = await pool.request({ method, path, ...(method === "POST" ? { body: JSON.stringify({ metadata: { name: "wfe-1" } }) } : {}) });
    await body.dump();
    return statusCode;
  }

  it("passes requests and answers on as they are", async (t) => {
    const { server, pool } = await network(t);
    assert.equal(await send(pool, "POST", JOBS), 201);
    assert.deepEqual(server.seen.map(({ method, url, body }) => [method, url, body]), [["POST", JOBS, '{"metadata":{"name":"wfe-1"}}']]);
  });

  it("tells a write's step before it is sent; one that is dropped never arrives, and its connection breaks", async (t) => {
    const { server, proxy, pool } = await network(t);
    const steps: unknown[] = [];
    proxy.aroundWrite = async ({ step }) => void steps.push(step);
    await assert.rejects(send(pool, "POST", JOBS));
    assert.deepEqual([steps, server.seen.length], [["create Job"], 0]);
  });

  it("lets a write land whose sender never hears of it", async (t) => {
    const { server, proxy, pool } = await network(t);
    proxy.aroundWrite = async (_, forward) => {
      assert.equal((await forward()).status, 201);
      return undefined;
    };
    await assert.rejects(send(pool, "POST", JOBS));
    assert.equal(server.seen.length, 1);
  });

  it("cut: what is open breaks and nothing new comes through until it is healed", async (t) => {
    const { proxy, pool } = await network(t);
    assert.equal(await send(pool, "GET", JOBS), 200);
    assert.equal(proxy.hits.broken, 0);
    proxy.cut();
    await assert.rejects(send(pool, "GET", JOBS));
    assert.ok(proxy.hits.broken >= 2, "one that was open, one that was refused");
    proxy.heal();
    assert.equal(await send(pool, "GET", JOBS), 200);
  });

  it("frozen: a write waits, and arrives when healed although its sender has gone", async (t) => {
    const { server, proxy, pool } = await network(t);
    proxy.freeze();
    const abort = new AbortController();
    const sent = pool.request({ method: "POST", path: JOBS, body: "{}", signal: abort.signal });
    await new Promise((resolve) => setTimeout(resolve, 50));
    abort.abort();
    await assert.rejects(sent);
    assert.equal(server.seen.length, 0);
    assert.equal(proxy.hits.frozen, 1);
    proxy.heal();
    await until(() => server.seen.length === 1, "the late write arrived");
  });

  it("slow: a request takes as long as it is told", async (t) => {
    const { proxy, pool } = await network(t);
    proxy.slow(() => 60);
    const startedMs = performance.now();
    assert.equal(await send(pool, "GET", JOBS), 200);
    assert.ok(performance.now() - startedMs >= 100, "there and back");
    assert.equal(proxy.hits.slowed, 3, "the request, the answer and its one chunk");
  });

  it("holds one watch stream back, and no other", async (t) => {
    const { proxy, pool } = await network(t);
    proxy.holdWatch("workflowexecutions", 200);
    const lateness = async (path: string): Promise<number> => {
      const startedMs = performance.now();
      const { body } = await pool.request({ method: "GET", path });
      for await (const chunk of body) if (String(chunk).includes("first")) break;
      return performance.now() - startedMs;
    };
    const [held, free] = await Promise.all([lateness(WATCH), lateness(OTHER_WATCH)]);
    assert.ok(held >= 200, `${held} ms`);
    assert.ok(free < held, `${free} ms`);
    assert.equal(proxy.hits.held, 1);
  });

  it("has hit nothing while no fault lasts, or nothing passes it", async (t) => {
    const { proxy, pool } = await network(t);
    await send(pool, "POST", JOBS);
    const none = { broken: 0, frozen: 0, slowed: 0, held: 0 };
    assert.deepEqual(proxy.hits, none);
    proxy.freeze();
    proxy.holdWatch("workflowexecutions", 200);
    proxy.heal();
    assert.deepEqual([proxy.hits, proxy.forbidden], [none, 0]);
  });

  it("breaks the client's connection when the server is away", async (t) => {
    const { server, pool } = await network(t);
    await server[Symbol.asyncDispose]();
    await assert.rejects(send(pool, "GET", JOBS));
  });
});
