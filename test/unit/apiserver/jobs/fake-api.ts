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
  const objects = new Map<string, JsonObject>();
  const streams = new Set<Stream>();
  const requests: string[] = [];
  const refusals = new Map<string, number>();
  let version = 0;

  const collectionOf = (path: string): string => path.replace(/\/namespaces\/[^/]+/, "").replace(/\/[^/]+$/, "");
  const tell = (type: string, path: string, object: JsonObject): void => {
    for (const { collection, sink } of streams) if (collection === collectionOf(path)) sink.write(`${JSON.stringify({ type, object })}\n`);
  };
  const metaOf = (object: JsonObject): Meta => (object["metadata"] ?? {}) as Meta;
  const store = (path: string, object: JsonObject): JsonObject => {
    const before = objects.get(path);
    if (before && JSON.stringify(before) === JSON.stringify(object)) return before;
    const stored = { ...object, metadata: { ...metaOf(object), resourceVersion: String(++version) } };
    const meta: Meta = stored.metadata;
    const over = meta["deletionTimestamp"] !== undefined && ((meta["finalizers"] ?? []) as string[]).length === 0 && (meta["deletionGracePeriodSeconds"] ?? 0) === 0;
    if (over) objects.delete(path);
    else objects.set(path, stored);
    tell(over ? "DELETED" : before ? "MODIFIED" : "ADDED", path, stored);
    return stored;
  };
  const put = (path: string, object: JsonObject): JsonObject => {
    const name = path.slice(path.lastIndexOf("/") + 1);
    const namespace = /\/namespaces\/([^/]+)\//.exec(path)?.[1];
    const metadata = { name, ...(namespace ? { namespace } : {}), uid: `uid-${version + 1}`, generation: 1, creationTimestamp: new Date(nowMs()).toISOString(), ...metaOf(object) };
    return store(path, { ...object, metadata });
  };
  const erase = (path: string, object: JsonObject, options: JsonObject): JsonObject => {
    const isPod = path.includes("/pods/");
    const bound = (object["spec"] as JsonObject | undefined)?.["nodeName"] !== undefined;
    const grace = isPod && bound ? (options["gracePeriodSeconds"] ?? 30) : 0;
    return store(path, { ...object, metadata: { ...metaOf(object), deletionTimestamp: new Date(nowMs()).toISOString(), deletionGracePeriodSeconds: grace } });
  };

  const serve = ({ method, url, body }: ApiRequest): ApiResponse => {
    const [whole = "", query = ""] = url.split("?");
    const path = whole.replace(/\/(status|binding)$/, "");
    const sent = (body ? JSON.parse(body) : {}) as JsonObject;
    const object = objects.get(path);
    if (query.includes("watch=true")) return watch(streams, path);
    if (method === "POST" && whole.endsWith("/binding")) return object ? ok(store(path, { ...object, spec: { ...(object["spec"] as JsonObject), nodeName: (sent["target"] as Meta)["name"] ?? "" } })) : refused(404);
    if (method === "POST") {
      const at = `${path}/${metaOf(sent)["name"] as string}`;
      return objects.has(at) ? refused(409) : ok(put(at, sent));
    }
    if (method === "GET" && !object) {
      const items = [...objects].filter(([at]) => collectionOf(at) === path).map(([, item]) => item);
      return ok({ items, metadata: { resourceVersion: String(version) } });
    }
    if (!object) return refused(404);
    if (method === "GET") return ok(object);
    if (method === "DELETE") return ok(erase(path, object, sent));
    const expected = metaOf(sent)["resourceVersion"];
    if (expected !== undefined && expected !== metaOf(object)["resourceVersion"]) return refused(409);
    return ok(store(path, method === "PUT" ? { ...object, status: sent["status"] ?? {} } : (merge(object, sent) as JsonObject)));
  };

  return {
    handle: (request) => {
      requests.push(`${request.method} ${request.url}`);
      const left = refusals.get(request.method) ?? 0;
      refusals.set(request.method, left - 1);
      return left > 0 ? refused(500) : serve(request);
    },
    requests,
    get: (path) => objects.get(path),
    field: (path, ...fields) => fields.reduce<Json | undefined>((value, field) => (value as JsonObject | undefined)?.[field], objects.get(path)),
    put,
    remove: (path) => {
      const object = objects.get(path);
      objects.delete(path);
      if (object) tell("DELETED", path, object);
    },
    refuse: (method, times) => void refusals.set(method, times),
    endStreams: () => {
      for (const stream of streams) stream.sink.end();
      streams.clear();
    },
  };
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
