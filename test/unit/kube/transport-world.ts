import assert from "node:assert/strict";
import type { ServerResponse } from "node:http";
import { afterEach, before, beforeEach } from "node:test";
import { noCredentials } from "../../../src/kube/credentials.ts";
import type { Transport, TransportRequest } from "../../../src/kube/transport.ts";
import { createUndiciTransport, type UndiciTransportOptions } from "../../../src/kube/undici-transport.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { authority, tlsServer, type Authority, type Pair, type Seen, type TlsServer } from "./tls-server.ts";

/** Servers that a test answers for, and our transport to them. What a test opens is closed after it, and no timer may be left. */
export interface TransportWorld {
  readonly ca: Authority;
  /** The server's certificate, and a client's. */
  readonly pair: Pair;
  readonly client: Pair;
  readonly clock: FakeClock;
  readonly open: AsyncDisposableStack;
  readonly serve: (answer: (seen: Seen, response: ServerResponse) => void) => Promise<TlsServer>;
  readonly connect: (server: string, given?: Partial<UndiciTransportOptions>) => Transport;
}

/** The world of one test file; called once, at its top. */
export function transportWorld(): TransportWorld {
  let certificates: { readonly ca: Authority; readonly pair: Pair; readonly client: Pair } | undefined;
  let now: { readonly clock: FakeClock; readonly open: AsyncDisposableStack } | undefined;
  before(async () => {
    const ca = await authority();
    const [pair, client] = await Promise.all([ca.sign("server.test"), ca.sign("replica-1")]);
    certificates = { ca, pair, client };
  });
  beforeEach(() => {
    now = { clock: new FakeClock(), open: new AsyncDisposableStack() };
  });
  afterEach(async () => {
    await now?.open.disposeAsync();
    assert.equal(now?.clock.pendingTimers, 0, "no deadline is left behind");
  });
  const made = <T>(value: T | undefined): T => value ?? assert.fail("asked for before the tests began");
  const world: TransportWorld = {
    get ca() {
      return made(certificates).ca;
    },
    get pair() {
      return made(certificates).pair;
    },
    get client() {
      return made(certificates).client;
    },
    get clock() {
      return made(now).clock;
    },
    get open() {
      return made(now).open;
    },
    serve: async (answer) => world.open.use(await tlsServer({ ...world.pair, ca: world.ca.cert }, answer)),
    connect(server, given = {}) {
      const transport = createUndiciTransport({ server, caPem: world.ca.cert, credentials: noCredentials, clock: world.clock, userAgent: "ro-test", ...given });
      world.open.defer(() => transport.close());
      return transport;
    },
  };
  return world;
}

/** A request of some kind; what a test does not care about is filled in. */
export function a(method: TransportRequest["method"], given: Partial<TransportRequest> = {}): TransportRequest {
  return { method, path: "/things/a?x=1", headers: { accept: "application/json" }, deadlineMs: 10_000, ...(method === "GET" ? {} : { body: '{"a":"ü"}' }), ...given };
}
