import type { Json } from "../../../../src/api/object.ts";
import type { ApiHandler, ApiRequest, ApiResponse, JsonObject, StreamSink } from "../../../../src/apiserver/ports.ts";

type Meta = { readonly [field: string]: Json };
interface Stream {
  readonly collection: string;
  readonly sink: StreamSink;
}

/** Just enough of an API to drive a controller: objects by path, versions, finalizers, pods that are deleted with grace, streams. */
export interface FakeApi {
  readonly handle: ApiHandler;
  readonly requests: readonly string[];
  get(path: string): JsonObject | undefined;
  /** A field of the object at `path`; undefined when it is not there. */
  field(path: string, ...fields: readonly string[]): Json | undefined;
  put(path: string, object: JsonObject): void;
  remove(path: string): void;
  /** Refuses the next requests with this method, as many as `times`, with 500. */
  refuse(method: ApiRequest["method"], times: number): void;
  /** Ends every stream. */
  endStreams(): void;
}

export function fakeApi(nowMs: () => number): FakeApi {
  return new MemoryApi(nowMs);
}

class MemoryApi implements FakeApi {
  readonly requests: string[] = [];
  readonly #nowMs: () => number;
  readonly #objects = new Map<string, JsonObject>();
  readonly #streams = new Set<Stream>();
  readonly #refusals = new Map<string, number>();
  #version = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly handle = (request: ApiRequest): ApiResponse => {
    this.requests.push(`${request.method} ${request.url}`);
    const left = this.#refusals.get(request.method) ?? 0;
    this.#refusals.set(request.method, left - 1);
    return left > 0 ? refused(500) : this.#serve(request);
  };

  get(path: string): JsonObject | undefined {
    return this.#objects.get(path);
  }

  field(path: string, ...fields: readonly string[]): Json | undefined {
    return fields.reduce<Json | undefined>((value, field) => (value as JsonObject | undefined)?.[field], this.#objects.get(path));
  }

  put(path: string, object: JsonObject): JsonObject {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    const metadata = { name, ...(namespace ? { namespace } : {}), uid: `uid-${this.#version + 1}`, generation: 1, creationTimestamp: this.#now(), ...metaOf(object) };
    return this.#store(path, { ...object, metadata });
  }

  remove(path: string): void {
    const object = this.#objects.get(path);
    this.#objects.delete(path);
    if (object) this.#tell("DELETED", path, object);
  }

  refuse(method: ApiRequest["method"], times: number): void {
    this.#refusals.set(method, times);
  }

  endStreams(): void {
    for (const stream of this.#streams) stream.sink.end();
    this.#streams.clear();
  }

  #serve({ method, url, body }: ApiRequest): ApiResponse {
    const [whole = "", query = ""] = url.split("?");
    const path = whole.replace(/\/(status|binding)$/, "");
    const sent = (body ? JSON.parse(body) : {}) as JsonObject;
    const object = this.#objects.get(path);
    if (query.includes("watch=true")) return watch(this.#streams, path);
    if (method === "POST") return whole.endsWith("/binding") ? this.#bind(path, object, sent) : this.#create(`${path}/${metaOf(sent)["name"] as string}`, sent);
    if (method === "GET") return ok(object ?? this.#list(path));
    if (!object) return refused(404);
    if (method === "DELETE") return ok(this.#erase(path, object, sent));
    const expected = metaOf(sent)["resourceVersion"];
    if (expected !== undefined && expected !== metaOf(object)["resourceVersion"]) return refused(409);
    return ok(this.#store(path, method === "PUT" ? { ...object, status: sent["status"] ?? {} } : (merge(object, sent) as JsonObject)));
  }

  #create(path: string, sent: JsonObject): ApiResponse {
    return this.#objects.has(path) ? refused(409) : ok(this.put(path, sent));
  }

  #bind(path: string, pod: JsonObject | undefined, { target }: JsonObject): ApiResponse {
    return pod ? ok(this.#store(path, { ...pod, spec: { ...(pod["spec"] as JsonObject), nodeName: (target as Meta)["name"] ?? "" } })) : refused(404);
  }

  #list(collection: string): JsonObject {
    const items = [...this.#objects].filter(([at]) => collectionOf(at) === collection).map(([, item]) => item);
    return { items, metadata: { resourceVersion: String(this.#version) } };
  }

  #store(path: string, object: JsonObject): JsonObject {
    const before = this.#objects.get(path);
    if (before && JSON.stringify(before) === JSON.stringify(object)) return before;
    const stored = { ...object, metadata: { ...metaOf(object), resourceVersion: String(++this.#version) } };
    const over = isOver(stored.metadata);
    if (over) this.#objects.delete(path);
    else this.#objects.set(path, stored);
    this.#tell(over ? "DELETED" : before ? "MODIFIED" : "ADDED", path, stored);
    return stored;
  }

  #erase(path: string, object: JsonObject, options: JsonObject): JsonObject {
    const isBoundPod = path.includes("/pods/") && (object["spec"] as JsonObject | undefined)?.["nodeName"] !== undefined;
    const grace = isBoundPod ? (options["gracePeriodSeconds"] ?? 30) : 0;
    return this.#store(path, { ...object, metadata: { ...metaOf(object), deletionTimestamp: this.#now(), deletionGracePeriodSeconds: grace } });
  }

  #tell(type: string, path: string, object: JsonObject): void {
    for (const { collection, sink } of this.#streams) if (collection === collectionOf(path)) sink.write(`${JSON.stringify({ type, object })}\n`);
  }

  #now(): string {
    return new Date(this.#nowMs()).toISOString();
  }
}

/** Whether nothing holds an object in deletion any more. */
function isOver(meta: Meta): boolean {
  return meta["deletionTimestamp"] !== undefined && ((meta["finalizers"] ?? []) as string[]).length === 0 && (meta["deletionGracePeriodSeconds"] ?? 0) === 0;
}

function collectionOf(path: string): string {
  return path.replace(/\/namespaces\/[^/]+/, "").replace(/\/[^/]+$/, "");
}

function metaOf(object: JsonObject): Meta {
  return (object["metadata"] ?? {}) as Meta;
}

function ok(object: JsonObject): ApiResponse {
  return { kind: "body", status: 200, headers: {}, body: JSON.stringify(object) };
}

function refused(status: number): ApiResponse {
  return { kind: "body", status, headers: {}, body: JSON.stringify({ kind: "Status", reason: "Refused", message: "no" }) };
}

function watch(streams: Set<Stream>, collection: string): ApiResponse {
  return {
    kind: "stream",
    status: 200,
    headers: {},
    open: (sink) => {
      const stream = { collection, sink };
      streams.add(stream);
      return () => void streams.delete(stream);
    },
  };
}

function merge(target: Json | undefined, patch: Json): Json {
  if (patch === null || typeof patch !== "object" || Array.isArray(patch)) return patch;
  const result: Record<string, Json> = target !== null && typeof target === "object" && !Array.isArray(target) ? { ...(target as JsonObject) } : {};
  for (const [key, value] of Object.entries(patch as JsonObject)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
