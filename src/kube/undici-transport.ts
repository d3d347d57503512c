import { Pool } from "undici";
import type { Clock } from "../lib/clock.ts";
import { beginAttempt, failureOf, type Sender } from "./attempt.ts";
import { createChunkQueue } from "./chunk-queue.ts";
import { createConnector, type TlsOptions } from "./connector.ts";
import type { Credentials } from "./credentials.ts";
import { parseServerUrl } from "./server-url.ts";
import type { Transport, TransportRequest, TransportResponse, TransportStream } from "./transport.ts";

export interface UndiciTransportOptions extends TlsOptions {
  /** `https://host:port`; a path goes before that of every request. */
  readonly server: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Connections for requests that are not urgent; watches have as many as they need. */
  readonly connections?: number;
  readonly urgentConnections?: number;
}

// More of them would only wait inside the server, and an urgent request with them.
const CONNECTIONS = 4;
const URGENT_CONNECTIONS = 3;
/** The API server closes idle connections after 90 s; we do it first. */
const KEEP_ALIVE_MS = 60_000;

/** HTTP/1.1 over kept connections. `reset: false` keeps them over a DELETE with a body, which undici would otherwise drop. */
export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  const { origin, prefix } = parseServerUrl(options.server);
  const connect = createConnector(options, options.credentials);
  // Our own deadlines are the only ones.
  const settings = { connect, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };
  const requests = new Pool(origin, { ...settings, connections: options.connections ?? CONNECTIONS });
  const urgent = new Pool(origin, { ...settings, connections: options.urgentConnections ?? URGENT_CONNECTIONS });
  const watches = new Pool(origin, settings);
  const { credentials, clock, userAgent } = options;
  const sender: Sender = { pool: requests, prefix, credentials, clock, userAgent };
  const urgentSender: Sender = { ...sender, pool: urgent };
  const watchSender: Sender = { ...sender, pool: watches };
  return {
    async request(request) {
      const endMs = clock.monotonic() + request.deadlineMs;
      const by = request.urgent ? urgentSender : sender;
      const answer = await whole(by, request);
      if (answer.status !== 401 || !credentials.refused() || request.method !== "GET") return answer;
      return whole(by, { ...request, deadlineMs: endMs - clock.monotonic() });
    },
    async stream(request) {
      const answer = await opened(watchSender, request);
      if (answer.status === 401) credentials.refused();
      return answer;
    },
    close: async () => void (await Promise.all([requests, urgent, watches].map((pool) => pool.destroy()))),
  };
}

/** The whole answer, within the request's deadline. */
function whole(sender: Sender, request: TransportRequest): Promise<TransportResponse> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportResponse>();
  const parts: Uint8Array[] = [];
  let head = { status: 0, headers: {} };
  const attempt = beginAttempt(sender, request, {
    head: (status, headers) => void (head = { status, headers }),
    chunk: (chunk) => void parts.push(chunk),
    end: () => {
      attempt.settled();
      resolve({ ...head, body: Buffer.concat(parts).toString("utf8") });
    },
    broken: (error) => {
      attempt.settled();
      reject(failureOf(request, error, attempt.sent));
    },
  });
  return promise;
}

/** The head of an answer within the request's deadline, and then its chunks for as long as they come. */
function opened(sender: Sender, request: TransportRequest & { readonly signal: AbortSignal }): Promise<TransportStream> {
  const { promise, resolve, reject } = Promise.withResolvers<TransportStream>();
  const chunks = createChunkQueue<Uint8Array>({
    onFull: () => attempt.pause(),
    onDrained: () => attempt.resume(),
    onDone: () => attempt.abort(new Error("nobody listens any more")),
  });
  const attempt = beginAttempt(sender, request, {
    head: (status, headers) => {
      attempt.answered();
      resolve({ status, headers, chunks });
    },
    chunk: (chunk) => chunks.push(chunk),
    end: () => {
      attempt.settled();
      chunks.end();
    },
    broken: (error) => {
      attempt.settled();
      const failed = failureOf(request, error, attempt.sent);
      chunks.fail(failed);
      reject(failed);
    },
  });
  return promise;
}
