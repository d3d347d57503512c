import { errors, Pool, type Dispatcher } from "undici";
import type { Clock } from "../lib/clock.ts";
import { abortScope } from "../lib/abort-scope.ts";
import { KubeError } from "./kube-error.ts";
import type { Credentials } from "./credentials.ts";
import type { Transport, TransportRequest, TransportResponse, TransportStream } from "./transport.ts";

export interface UndiciTransportOptions {
  /** `https://host:port`, without a path. */
  readonly server: string;
  readonly caPem?: string;
  readonly clientCertificate?: { readonly certPem: string; readonly keyPem: string };
  /** Development only: the server's certificate is not looked at. */
  readonly insecureSkipTlsVerify?: boolean;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly userAgent: string;
  /** Connections for requests; watches have a pool of their own. */
  readonly connections?: number;
}

const CONNECTIONS = 8;
/** The API server closes idle connections after 90 s; we do it first. */
const KEEP_ALIVE_MS = 60_000;

class DeadlinePassed extends Error {}

/** HTTP/1.1 over kept connections. `reset: false` keeps them over a DELETE with a body, which undici would otherwise drop. */
export function createUndiciTransport(options: UndiciTransportOptions): Transport {
  const connect = {
    ...(options.caPem ? { ca: options.caPem } : {}),
    ...(options.clientCertificate ? { cert: options.clientCertificate.certPem, key: options.clientCertificate.keyPem } : {}),
    ...(options.insecureSkipTlsVerify ? { rejectUnauthorized: false } : {}),
  };
  const settings = { connect, keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };
  const requests = new Pool(options.server, { ...settings, connections: options.connections ?? CONNECTIONS });
  const watches = new Pool(options.server, settings);
  return {
    request: (request) => once(options, requests, request),
    stream: (request) => open(options, watches, request),
    close: async () => void (await Promise.all([requests.destroy(), watches.destroy()])),
  };
}

async function once(options: UndiciTransportOptions, pool: Pool, request: TransportRequest): Promise<TransportResponse> {
  using scope = abortScope(request.signal);
  const timer = options.clock.timer(request.deadlineMs, () => scope.abort(new DeadlinePassed(`no answer within ${request.deadlineMs} ms`)));
  try {
    const answer = await dispatch(options, pool, request, scope.signal);
    return { status: answer.statusCode, headers: flat(answer.headers), body: await answer.body.text() };
  } catch (error) {
    throw failure(request, error);
  } finally {
    timer.cancel();
  }
}

async function open(options: UndiciTransportOptions, pool: Pool, request: TransportRequest & { readonly signal: AbortSignal }): Promise<TransportStream> {
  const scope = abortScope(request.signal);
  const timer = options.clock.timer(request.deadlineMs, () => scope.abort(new DeadlinePassed(`no answer within ${request.deadlineMs} ms`)));
  try {
    const answer = await dispatch(options, pool, request, scope.signal);
    return { status: answer.statusCode, headers: flat(answer.headers), chunks: chunksOf(answer.body, scope) };
  } catch (error) {
    scope[Symbol.dispose]();
    throw failure(request, error);
  } finally {
    timer.cancel();
  }
}

async function dispatch(options: UndiciTransportOptions, pool: Pool, request: TransportRequest, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  const headers = { "user-agent": options.userAgent, ...request.headers, ...(await options.credentials.headers()) };
  const answer = await pool.request({ method: request.method, path: request.path, headers, body: request.body ?? null, signal, reset: false });
  if (answer.statusCode === 401) options.credentials.refused();
  return answer;
}

/** The stream's chunks; leaving the loop early, or the end, lets go of connection and parent signal. */
async function* chunksOf(body: Dispatcher.ResponseData["body"], scope: { readonly signal: AbortSignal } & Disposable): AsyncGenerator<Uint8Array> {
  try {
    yield* body;
  } finally {
    body.destroy();
    scope[Symbol.dispose]();
  }
}

function flat(headers: Dispatcher.ResponseData["headers"]): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : (value ?? "")]));
}

/** Codes of failures before a byte of the request was sent: nothing can have changed. */
const NEVER_SENT = new Set(["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "UND_ERR_CONNECT_TIMEOUT", "EHOSTUNREACH", "ENETUNREACH", "CERT_HAS_EXPIRED", "DEPTH_ZERO_SELF_SIGNED_CERT", "UNABLE_TO_VERIFY_LEAF_SIGNATURE", "SELF_SIGNED_CERT_IN_CHAIN", "ERR_TLS_CERT_ALTNAME_INVALID"]);

function failure(request: TransportRequest, error: unknown): unknown {
  if (request.signal?.aborted && error === request.signal.reason && request.method === "GET") return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const harmless = request.method === "GET" || NEVER_SENT.has(code) || error instanceof errors.ConnectTimeoutError;
  const what = error instanceof Error ? error.message || code : String(error);
  return new KubeError(harmless ? "Unreachable" : "UnknownOutcome", `${request.method} ${request.path}: ${what}`, { cause: error });
}
