import { EmbeddedApiServer, type EmbeddedApiServerOptions } from "../../../../src/apiserver/index.ts";
import type { ApiRequest, ApiResponse, StreamSink } from "../../../../src/apiserver/ports.ts";
import type { Json } from "../../../../src/api/object.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";

export const MAPS = "/api/v1/namespaces/default/configmaps";
export const LEASES = "/apis/coordination.k8s.io/v1/namespaces/default/leases";
export const PODS = "/api/v1/namespaces/default/pods";

/** Randomness from a seed. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

export interface World {
  readonly clock: FakeClock;
  readonly server: EmbeddedApiServer;
  readonly call: (method: ApiRequest["method"], url: string, body?: unknown, headers?: Readonly<Record<string, string>>) => Reply;
}

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
  at(path: string): Json | undefined;
}

/** A server in virtual time, called from within its process. */
export function world(options: EmbeddedApiServerOptions = {}): World {
  const clock = new FakeClock();
  const server = new EmbeddedApiServer({ clock, random: seeded(1), ...options });
  return { clock, server, call: (method, url, body, headers = {}) => reply(server.handle(requestOf(method, url, body, headers))) };
}

export function requestOf(method: ApiRequest["method"], url: string, body?: unknown, headers: Readonly<Record<string, string>> = {}): ApiRequest {
  const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
  return { method, url, headers: { "content-type": type, ...headers }, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
}

export function reply(response: ApiResponse): Reply {
  if (response.kind === "stream") throw new TypeError("a stream was not expected");
  return { status: response.status, headers: response.headers, text: response.body, at: (path) => at(JSON.parse(response.body) as Json, path) };
}

export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const part of path.split(".")) here = typeof here === "object" && here !== null ? (here as { readonly [field: string]: Json })[part] : undefined;
  return here;
}

/** The text at a dotted path of a reply; empty where there is none. */
export function wordAt(found: Reply, path: string): string {
  const value = found.at(path);
  return typeof value === "string" ? value : "";
}

export function configMap(name: string, meta: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...meta } };
}

/** A sink that remembers `TYPE name` of every line, and the end as `END`. */
export class Heard implements StreamSink {
  readonly lines: string[] = [];

  write(line: string): void {
    const event = JSON.parse(line) as { readonly type: string; readonly object: Json };
    const name = at(event.object, "metadata.name");
    this.lines.push(typeof name === "string" ? `${event.type} ${name}` : event.type);
  }

  end(): void {
    this.lines.push("END");
  }
}

/** Opens a watch, synchronously or through the faults. Returns the way to leave it. */
export function open(response: ApiResponse, sink: StreamSink): () => void {
  if (response.kind === "body") throw new TypeError(`a stream was expected: ${response.body}`);
  return response.open(sink);
}
