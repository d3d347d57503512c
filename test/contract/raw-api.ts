import assert from "node:assert/strict";
import { Agent, request, type Dispatcher } from "undici";
import type { Json } from "../../src/api/object.ts";
import type { ContractServer } from "./contract-server.ts";

/** The media types of the patches that the API knows. */
export const MERGE = "application/merge-patch+json";
export const JSON_PATCH = "application/json-patch+json";

export interface RawOptions {
  readonly body?: unknown;
  /** Default: JSON, of a PATCH a merge patch. */
  readonly contentType?: string;
  readonly accept?: string;
  /** Instead of the server's token; empty: none. */
  readonly token?: string;
}

/** An answer, and a look into its JSON by dotted path: `items.0.metadata.name`. */
export class Answer {
  readonly status: number;
  readonly headers: Dispatcher.ResponseData["headers"];
  readonly text: string;

  constructor(status: number, headers: Dispatcher.ResponseData["headers"], text: string) {
    this.status = status;
    this.headers = headers;
    this.text = text;
  }

  get json(): { readonly [field: string]: Json } {
    return JSON.parse(this.text) as { readonly [field: string]: Json }; // The wire.
  }

  at(path: string): Json | undefined {
    return at(this.json, path);
  }

  /** The text at a dotted path; empty where there is none. */
  word(path: string): string {
    return wordAt(this.json, path);
  }

  get version(): string {
    return this.word("metadata.resourceVersion");
  }

  get uid(): string {
    return this.word("metadata.uid");
  }

  /** Fails unless the status is the expected one; says what the server said. */
  expect(status: number): this {
    assert.equal(this.status, status, this.text);
    return this;
  }

  /** Fails unless it is a Status of that code and reason. */
  refused(code: number, reason: string | undefined): this {
    this.expect(code);
    assert.deepEqual({ kind: this.at("kind"), status: this.at("status"), reason: this.at("reason"), code: this.at("code") }, { kind: "Status", status: "Failure", reason, code });
    return this;
  }
}

/** The value at a dotted path. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path.split(".")) here = typeof here === "object" && here !== null ? (here as { readonly [field: string]: Json })[part] : undefined;
  return here;
}

/** The text at a dotted path; empty where there is none. */
export function wordAt(value: Json | undefined, path: string): string {
  const found = at(value, path);
  return typeof found === "string" ? found : "";
}

/** Raw HTTP, so that a suite judges the server and no client of ours. */
export class RawApi implements AsyncDisposable {
  readonly server: ContractServer;
  readonly #agent: Agent;

  constructor(server: ContractServer) {
    this.server = server;
    this.#agent = new Agent({ connect: { ca: server.caPem }, bodyTimeout: 0 });
  }

  async call(method: Dispatcher.HttpMethod, path: string, options: RawOptions = {}): Promise<Answer> {
    const { statusCode, headers, body } = await request(this.server.url + path, { dispatcher: this.#agent, method, ...this.#message(method, options) });
    return new Answer(statusCode, headers, await body.text());
  }

  get(path: string, options?: RawOptions): Promise<Answer> {
    return this.call("GET", path, options);
  }

  post(path: string, body: unknown, options?: RawOptions): Promise<Answer> {
    return this.call("POST", path, { body, ...options });
  }

  put(path: string, body: unknown, options?: RawOptions): Promise<Answer> {
    return this.call("PUT", path, { body, ...options });
  }

  patch(path: string, body: unknown, options?: RawOptions): Promise<Answer> {
    return this.call("PATCH", path, { body, ...options });
  }

  delete(path: string, body?: unknown): Promise<Answer> {
    return this.call("DELETE", path, body === undefined ? {} : { body });
  }

  /** Opens a watch; the path carries its parameters but for `watch`. */
  async watch(path: string, options: RawOptions = {}): Promise<RawWatch> {
    const abort = new AbortController();
    const url = `${this.server.url}${path}${path.includes("?") ? "&" : "?"}watch=true`;
    const { statusCode, body } = await request(url, { dispatcher: this.#agent, method: "GET", signal: abort.signal, ...this.#message("GET", options) });
    assert.equal(statusCode, 200, statusCode === 200 ? "" : await body.text());
    return new RawWatch(body, abort);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#agent.destroy();
    await this.server[Symbol.asyncDispose]();
  }

  #message(method: string, { body, contentType, accept, token = this.server.token }: RawOptions): { readonly headers: Record<string, string>; readonly body: string | null } {
    const type = contentType ?? (method === "PATCH" ? MERGE : "application/json");
    const headers = { ...(token ? { authorization: `Bearer ${token}` } : {}), ...(body === undefined ? {} : { "content-type": type }), ...(accept ? { accept } : {}) };
    return { headers, body: body === undefined ? null : typeof body === "string" ? body : JSON.stringify(body) };
  }
}

export interface RawEvent {
  readonly type: string;
  readonly object: Json;
}

// How long before a thing counts as not happening. The real namespace controller alone lets five seconds pass before it begins
// and eight more between two looks, on an idle machine.
const PATIENCE_MS = 60_000;

/** An open watch, event by event. */
export class RawWatch implements AsyncDisposable {
  readonly #lines: AsyncIterator<RawEvent>;
  readonly #abort: AbortController;

  constructor(body: AsyncIterable<unknown>, abort: AbortController) {
    this.#lines = eventsOf(body);
    this.#abort = abort;
  }

  /** The next event; undefined once the stream has ended. Rejects when nothing comes. */
  async next(): Promise<RawEvent | undefined> {
    const patience = Promise.withResolvers<never>();
    const timer = setTimeout(() => patience.reject(new Error("no event came")), PATIENCE_MS);
    try {
      const { value, done } = await Promise.race([this.#lines.next(), patience.promise]);
      return done ? undefined : value;
    } finally {
      clearTimeout(timer);
    }
  }

  /** Types and names of the next events, as `ADDED a`. */
  async take(count: number): Promise<readonly string[]> {
    const taken: string[] = [];
    while (taken.length < count) {
      const event = await this.next();
      if (!event) break;
      taken.push(`${event.type} ${wordAt(event.object, "metadata.name")}`);
    }
    return taken;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
  }
}

async function* eventsOf(body: AsyncIterable<unknown>): AsyncGenerator<RawEvent, undefined> {
  let rest = "";
  for await (const chunk of body) {
    const lines = `${rest}${String(chunk)}`.split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line) yield JSON.parse(line) as RawEvent; // The wire.
  }
  return undefined;
}

/** Asks again until the answer pleases, and returns it. Rejects with the last one that did not. */
export async function eventually(ask: () => Promise<Answer>, pleases: (answer: Answer) => boolean): Promise<Answer> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = await ask();
    if (pleases(answer)) return answer;
    if (Date.now() > deadline) assert.fail(`it did not come to that: ${answer.status} ${answer.text}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
