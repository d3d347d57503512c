import { createServer } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { generate } from "selfsigned";
import { Pool, type Dispatcher } from "undici";
import { Gate } from "./gate.ts";
import { stepOf, type Step, type Write } from "./write-step.ts";

/** The API server's answer to a write. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Stands around a write: runs `send` once, never, or later. Undefined: the client's connection breaks instead of an answer. */
export type AroundWrite = (write: Write & { readonly step: Step | undefined }, send: () => Promise<Answer>) => Promise<Answer | undefined>;

/** How much the faults of a network have hit so far. */
export interface NetworkHits {
  /** Connections that broke, or were refused. */
  readonly broken: number;
  /** Requests, answers and chunks of them that nothing let through. */
  readonly frozen: number;
  /** Those that took longer. */
  readonly slowed: number;
  /** Chunks of a watch stream that were late. */
  readonly held: number;
}

/** A network between one client and the API server that can fail on demand. Every fault lasts until `heal`. */
export interface ApiProxy extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly hits: NetworkHits;
  /** How many answers of the API server said 403 so far. */
  readonly forbidden: number;
  /** At most one at a time; undefined lets every write pass. */
  aroundWrite: AroundWrite | undefined;
  /** Breaks every connection and refuses new ones. */
  cut(): void;
  /** Half open: connections stay, and nothing passes. What was on its way arrives at `heal`, its sender gone or not. */
  freeze(): void;
  /** Every request and every chunk of an answer takes that much longer. */
  slow(delayMs: () => number): void;
  /** The watch streams of one kind, by its plural, and no other, are late by that much. */
  holdWatch(plural: string, lateMs: number): void;
  /** Breaks every connection once. */
  breakConnections(): void;
  /** Ends every fault of the network. `aroundWrite` stays. */
  heal(): void;
}

const REQUESTS = 16;

/** Starts a proxy for the API server at `upstream`, with a certificate of its own that no clock finds too old or too young. */
export async function startProxy(upstream: { readonly url: string; readonly caPem: string }): Promise<ApiProxy> {
  const { cert, private: key } = await certificate();
  const connect = { ca: upstream.caPem };
  const settings = { connect, headersTimeout: 0, bodyTimeout: 0, pipelining: 1 };
  const proxy = new Proxy(new Pool(upstream.url, { ...settings, connections: REQUESTS }), new Pool(upstream.url, settings), cert);
  const server = createServer({ cert, key, keepAliveTimeout: 90_000, requestTimeout: 0 }, (request, response) => void proxy.serve(request, response));
  server.on("connection", (socket) => proxy.admit(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // A TCP server that listens has one.
  proxy.url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.onClose = () => server.close();
  return proxy;
}

class Proxy implements ApiProxy {
  url = "";
  onClose: () => void = () => undefined;
  aroundWrite: AroundWrite | undefined;
  forbidden = 0;
  readonly caPem: string;
  readonly #requests: Pool;
  readonly #watches: Pool;
  readonly #gate = new Gate();
  readonly #sockets = new Set<Duplex>();
  #refusing = false;
  #broken = 0;
  #late = 0;
  #held: { readonly plural: string; readonly lateMs: number } | undefined;

  constructor(requests: Pool, watches: Pool, caPem: string) {
    this.#requests = requests;
    this.#watches = watches;
    this.caPem = caPem;
  }

  get hits(): NetworkHits {
    return { broken: this.#broken, frozen: this.#gate.stopped, slowed: this.#gate.slowed, held: this.#late };
  }

  admit(socket: Duplex): void {
    if (this.#refusing) {
      this.#broken++;
      return void socket.destroy();
    }
    this.#sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.#sockets.delete(socket));
  }

  cut(): void {
    this.#refusing = true;
    this.breakConnections();
  }

  breakConnections(): void {
    this.#broken += this.#sockets.size;
    for (const socket of this.#sockets) socket.destroy();
  }

  freeze(): void {
    this.#gate.close();
  }

  slow(delayMs: () => number): void {
    this.#gate.delayMs = delayMs;
  }

  holdWatch(plural: string, lateMs: number): void {
    this.#held = { plural, lateMs };
  }

  heal(): void {
    this.#refusing = false;
    this.#held = undefined;
    this.#gate.delayMs = () => 0;
    this.#gate.open();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.heal();
    this.cut();
    this.onClose();
    await Promise.all([this.#requests.destroy(), this.#watches.destroy()]);
  }

  async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.on("error", () => response.destroy());
    try {
      const body = await bodyOf(request);
      await this.#gate.pass();
      if (request.method !== "GET") return await this.#write(request, body, response);
      await this.#read(request, response);
    } catch {
      // Whatever breaks between us and the server is for the client a connection that breaks.
      request.socket.destroy();
    }
  }

  async #write(request: IncomingMessage, body: string, response: ServerResponse): Promise<void> {
    const { method = "", url = "" } = request;
    const write = { method, path: url.split("?")[0] ?? "", body };
    const send = (): Promise<Answer> => this.#send(request, body);
    const answer = this.aroundWrite ? await this.aroundWrite({ ...write, step: stepOf(write) }, send) : await send();
    await this.#gate.pass();
    if (!answer) return void request.socket.destroy();
    response.writeHead(answer.status, answer.headers).end(answer.body);
  }

  async #send(request: IncomingMessage, body: string): Promise<Answer> {
    const { statusCode, headers, body: stream } = await this.#requests.request({ ...head(request), body, reset: false });
    this.#note(statusCode);
    return { status: statusCode, headers: passedOn(headers), body: await stream.text() };
  }

  async #read(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once("close", () => gone.abort());
    if (response.destroyed) return;
    const plural = watchedPlural(request.url ?? "");
    const answer = await (plural ? this.#watches : this.#requests).request({ ...head(request), signal: gone.signal });
    this.#note(answer.statusCode);
    await this.#gate.pass();
    response.writeHead(answer.statusCode, passedOn(answer.headers));
    if (plural) response.flushHeaders();
    await this.#stream(answer.body, plural, response);
  }

  #note(status: number): void {
    if (status === 403) this.forbidden++;
  }

  // Chunks keep their order; each is late by what held it when it came, and the stream is not thinned by that.
  async #stream(body: AsyncIterable<Buffer>, plural: string | undefined, response: ServerResponse): Promise<void> {
    let last: Promise<void> = Promise.resolve();
    for await (const chunk of body) {
      const lateMs = plural !== undefined && plural === this.#held?.plural ? this.#held.lateMs : 0;
      const due = lateMs > 0 ? sleep(lateMs) : undefined;
      if (due) this.#late++;
      const before = last;
      last = this.#deliver(before, due, chunk, response);
    }
    await last;
    response.end();
  }

  async #deliver(before: Promise<void>, due: Promise<void> | undefined, chunk: Buffer, response: ServerResponse): Promise<void> {
    await before;
    await due;
    await this.#gate.pass();
    if (!response.destroyed) response.write(chunk);
  }
}

function head(request: IncomingMessage): Pick<Dispatcher.RequestOptions, "method" | "path" | "headers"> {
  const { host: _, connection: __, "content-length": ___, "transfer-encoding": ____, ...headers } = request.headers;
  // Node's parser knows the same methods as undici.
  return { method: request.method as Dispatcher.HttpMethod, path: request.url ?? "/", headers };
}

function passedOn(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !["connection", "transfer-encoding", "content-length", "keep-alive"].includes(name)) kept[name] = String(value);
  }
  return kept;
}

/** The kind that a request watches; undefined for one that watches nothing. */
function watchedPlural(url: string): string | undefined {
  const [path = "", query = ""] = url.split("?");
  return new URLSearchParams(query).has("watch") ? path.split("/").at(-1) : undefined;
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString("utf8");
}

function certificate() {
  return generate([{ name: "commonName", value: "proxy of the tests" }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date("2000-01-01T00:00:00Z"),
    notAfterDate: new Date("2099-01-01T00:00:00Z"),
    extensions: [
      { name: "basicConstraints", cA: true },
      { name: "keyUsage", digitalSignature: true, keyCertSign: true },
      { name: "extKeyUsage", serverAuth: true },
      { name: "subjectAltName", altNames: [{ type: 7, ip: "127.0.0.1" }] },
    ],
  });
}
