import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { generate } from "selfsigned";

/** A certificate and its key, PEM. */
export interface Pair {
  readonly cert: string;
  readonly key: string;
}

/** An authority and what it has signed; made once for a file of tests. */
export interface Authority extends Pair {
  sign(commonName: string): Promise<Pair>;
}

export async function authority(): Promise<Authority> {
  const made = await generate([{ name: "commonName", value: "test authority" }], {
    keyType: "ec",
    algorithm: "sha256",
    extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", keyCertSign: true, digitalSignature: true }],
  });
  const ca = { cert: made.cert, key: made.private };
  return {
    ...ca,
    async sign(commonName) {
      const signed = await generate([{ name: "commonName", value: commonName }], {
        keyType: "ec",
        algorithm: "sha256",
        ca,
        extensions: [
          { name: "extKeyUsage", serverAuth: true, clientAuth: true },
          { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }, { type: 2, value: commonName }] },
        ],
      });
      return { cert: signed.cert, key: signed.private };
    },
  };
}

/** One request as it arrived whole. */
export interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
  /** The common name of the client's certificate, if it showed one. */
  readonly client: string | undefined;
}

export interface TlsServer extends AsyncDisposable {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** TLS connections accepted so far. */
  readonly connections: number;
}

/** A TLS server that notes what it sees and answers as told. */
export async function tlsServer(pair: Pair & { readonly ca?: string }, answer: (seen: Seen, response: ServerResponse) => void): Promise<TlsServer> {
  const seen: Seen[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer({ ...pair, requestCert: pair.ca !== undefined, rejectUnauthorized: false, keepAliveTimeout: 90_000 }, (request, response) => {
    void wholeBody(request).then((body) => {
      const socket = request.socket as TLSSocket;
      const one = { method: request.method ?? "", url: request.url ?? "", headers: request.headers, body, client: commonNameOf(socket) };
      seen.push(one);
      answer(one, response);
    }, () => undefined);
  });
  server.on("secureConnection", (socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    get connections() {
      return connections;
    },
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** Answers JSON. */
export function json(response: ServerResponse, status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** Resolves when `holds`, looking after every turn of the event loop; fails after 5 s. */
export async function until(holds: () => boolean, what: string): Promise<void> {
  const end = performance.now() + 5000;
  while (!holds()) {
    if (performance.now() > end) throw new Error(`never came true: ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function commonNameOf(socket: TLSSocket): string | undefined {
  const { subject } = socket.getPeerCertificate();
  // Without a certificate the object is empty.
  const name = (subject as { CN?: string | string[] } | undefined)?.CN;
  return Array.isArray(name) ? name[0] : name;
}

async function wholeBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}
