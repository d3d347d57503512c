import { createServer, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { generate } from "selfsigned";
import { ConnectionLost, type AsyncApiHandler } from "./async-handler.ts";
import type { ApiRequest, ApiResponse } from "./ports.ts";
import { jsonOfProtobuf, PROTOBUF } from "./protobuf/protobuf-body.ts";
import { kubeconfig } from "./kubeconfig.ts";

export interface ListenOptions {
  /** 0, the default: any that is free. */
  readonly port?: number;
  /** Default 127.0.0.1. */
  readonly host?: string;
}

/** An API on a TLS socket. */
export interface ListeningServer extends AsyncDisposable {
  readonly url: string;
  /** Certificate of the authority that a client has to trust. */
  readonly caPem: string;
  /** Connections opened so far, for tests that count them. */
  readonly connections: number;
  /** The YAML of a kubeconfig for whoever owns the token. */
  kubeconfig(token?: string, namespace?: string): string;
  /** Breaks every connection and stops listening. Twice is harmless. */
  close(): Promise<void>;
}

/** As kube-apiserver: an idle connection is closed after 90 s. */
const KEEP_ALIVE_MS = 90_000;
const MAX_BODY_BYTES = 3 * 1024 * 1024;

/** Serves `handle` over HTTP/1.1 and TLS with a certificate of its own. */
export async function listen(handle: AsyncApiHandler, { port = 0, host = "127.0.0.1" }: ListenOptions = {}): Promise<ListeningServer> {
  const { cert, key } = await certificate(host);
  const server = createServer({ cert, key, keepAliveTimeout: KEEP_ALIVE_MS, requestTimeout: 0 }, (request, response) => void serve(handle, request, response));
  const sockets = new Set<Socket>();
  let connections = 0;
  server.on("secureConnection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, resolve);
  });
  const { port: bound } = server.address() as AddressInfo; // A TCP server that listens has one.
  const url = `https://${host}:${bound}`;
  const close = (): Promise<void> => stop(server, sockets);
  return {
    url,
    caPem: cert,
    get connections() {
      return connections;
    },
    kubeconfig: (token, namespace) => kubeconfig({ url, caPem: cert, ...(token === undefined ? {} : { token }), ...(namespace === undefined ? {} : { namespace }) }),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function certificate(host: string): Promise<{ readonly cert: string; readonly key: string }> {
  const name = /^[\d.]+$/.test(host) ? ({ type: 7, ip: host } as const) : ({ type: 2, value: host } as const);
  const made = await generate([{ name: "commonName", value: "embedded-kube-apiserver" }], {
    keyType: "ec",
    algorithm: "sha256",
    notAfterDate: new Date("2099-01-01T00:00:00Z"),
    notBeforeDate: new Date("2020-01-01T00:00:00Z"),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [name, { type: 2, value: "localhost" }, { type: 7, ip: "127.0.0.1" }] },
    ],
  });
  return { cert: made.cert, key: made.private };
}

function stop(server: Server, sockets: ReadonlySet<Socket>): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    for (const socket of sockets) socket.destroy();
  });
}

async function serve(handle: AsyncApiHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const abort = new AbortController();
  outgoing.once("close", () => abort.abort(new ConnectionLost("the client has gone")));
  try {
    const body = await bodyOf(incoming);
    if (body === undefined) return void outgoing.writeHead(413, { connection: "close" }).end();
    const response = await handle(requestOf(incoming, body), { signal: abort.signal });
    if (!abort.signal.aborted) send(response, outgoing);
  } catch (error) {
    // A connection that breaks is what a client sees of a server that dies, whatever it dies of.
    incoming.socket.destroy();
    if (!(error instanceof ConnectionLost) && !abort.signal.aborted) throw error;
  }
}

async function bodyOf(incoming: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

// What comes in protobuf goes on as JSON where it can; else the server says that it does not take it.
function requestOf(incoming: IncomingMessage, body: Buffer): ApiRequest {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(", ") : value;
  const json = headers["content-type"] === PROTOBUF ? jsonOfProtobuf(body) : undefined;
  if (json !== undefined) headers["content-type"] = "application/json";
  return { method: methodOf(incoming.method), url: incoming.url ?? "/", headers, ...(body.length === 0 ? {} : { body: json ?? body.toString("utf8") }) };
}

function methodOf(method: string | undefined): ApiRequest["method"] {
  switch (method) {
    case "POST":
    case "PUT":
    case "PATCH":
    case "DELETE":
      return method;
    case undefined:
    default:
      return "GET";
  }
}

function send(response: ApiResponse, outgoing: ServerResponse): void {
  if (response.kind === "body") {
    outgoing.writeHead(response.status, { ...response.headers, "content-length": Buffer.byteLength(response.body) }).end(response.body);
    return;
  }
  outgoing.writeHead(response.status, { ...response.headers });
  outgoing.flushHeaders();
  const close = response.open({ write: (line) => void outgoing.write(line), end: () => void outgoing.end() });
  outgoing.once("close", close);
}
