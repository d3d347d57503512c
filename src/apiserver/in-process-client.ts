import { pathOf, type KindInfo } from "../api/kind.ts";
import type { KubeObject, ObjectKey } from "../api/object.ts";
import type { ApiHandler, ApiRequest, JsonObject } from "./ports.ts";

/** A call that the API refused: the HTTP status and the reason of the Status body. */
export class ApiRefusal extends Error {
  override readonly name = "ApiRefusal";
  readonly status: number;
  readonly reason: string;

  constructor(status: number, reason: string, message: string) {
    super(message);
    this.status = status;
    this.reason = reason;
  }
}

/** One decoded line of a watch. `ERROR` and the end of the stream arrive as `closed`, once, last. */
export type InProcessEvent<T> = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T } | { readonly type: "closed" };

export interface InProcessDelete {
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly gracePeriodSeconds?: number;
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

/** Calls of the embedded API from inside its process: synchronous, each has happened when it returns, or throws ApiRefusal. */
export interface InProcessClient {
  /** Undefined when there is no such object. */
  get<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey): T | undefined;
  /** A whole collection, all namespaces. */
  list<T extends KubeObject>(kind: KindInfo<T>): { readonly items: readonly T[]; readonly resourceVersion: string };
  create<T extends KubeObject>(kind: KindInfo<T>, namespace: string | undefined, object: JsonObject): T;
  /** POST to a subresource, such as a pod's binding. */
  post(kind: KindInfo, key: ObjectKey, subresource: string, body: JsonObject): void;
  /** PUT of the status subresource at the uid and resourceVersion that `object` carries. */
  replaceStatus<T extends KubeObject>(kind: KindInfo<T>, object: T): T;
  /** JSON merge patch of the object or, if named, of its subresource. */
  patch<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey, patch: JsonObject, subresource?: string): T;
  /** Deletes the very object named by uid. */
  delete(kind: KindInfo, key: ObjectKey, options: InProcessDelete): void;
  /** Every event after `resourceVersion`, told synchronously with the write that caused it. Returns the way to stop. */
  watch<T extends KubeObject>(kind: KindInfo<T>, resourceVersion: string, listener: (event: InProcessEvent<T>) => void): () => void;
}

export interface InProcessClientDeps {
  readonly handle: ApiHandler;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A client of `handle`. It keeps nothing; it may be made as often as one likes. */
export function inProcessClient({ handle, headers = {} }: InProcessClientDeps): InProcessClient {
  const call = (method: ApiRequest["method"], url: string, body?: unknown, contentType = "application/json"): unknown => {
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const response = handle({ method, url, headers: { accept: "application/json", "content-type": contentType, ...headers }, ...sent });
    if (response.kind === "stream") throw new TypeError(`${method} ${url} answered with a stream`);
    const answer: unknown = response.body ? JSON.parse(response.body) : {};
    if (response.status < 300) return answer;
    const status = answer as { readonly reason?: string; readonly message?: string }; // The wire: a Status object.
    throw new ApiRefusal(response.status, status.reason ?? "Unknown", `${method} ${url}: ${status.message ?? response.status}`);
  };
  const at = (kind: KindInfo, key: ObjectKey, subresource?: string): string => pathOf(kind, key.namespace, key.name) + (subresource ? `/${subresource}` : "");
  return {
    get: <T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey) => {
      try {
        return call("GET", at(kind, key)) as T; // The wire: the server answers with the kind that was asked for.
      } catch (error) {
        if (isRefusal(error, 404)) return undefined;
        throw error;
      }
    },
    list: <T extends KubeObject>(kind: KindInfo<T>) => listOf<T>(kind, call("GET", pathOf(kind))),
    create: <T extends KubeObject>(kind: KindInfo<T>, namespace: string | undefined, object: JsonObject) => call("POST", pathOf(kind, namespace), object) as T, // The wire.
    post: (kind, key, subresource, body) => void call("POST", at(kind, key, subresource), body),
    replaceStatus: <T extends KubeObject>(kind: KindInfo<T>, object: T) => call("PUT", at(kind, object.metadata, "status"), object) as T, // The wire.
    patch: <T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey, patch: JsonObject, subresource?: string) =>
      call("PATCH", at(kind, key, subresource), patch, "application/merge-patch+json") as T, // The wire.
    delete: (kind, key, options) => void call("DELETE", at(kind, key), deleteOptions(options)),
    watch: (kind, resourceVersion, listener) => openWatch({ handle, headers }, kind, resourceVersion, listener),
  };
}

/** Whether `error` is a refusal with one of these HTTP statuses. */
export function isRefusal(error: unknown, ...statuses: readonly number[]): error is ApiRefusal {
  return error instanceof ApiRefusal && (statuses.length === 0 || statuses.includes(error.status));
}

// Items of a list carry no apiVersion and kind of their own on the wire of built-in kinds.
function listOf<T extends KubeObject>(kind: KindInfo<T>, answer: unknown): { readonly items: readonly T[]; readonly resourceVersion: string } {
  const list = answer as { readonly items: readonly T[]; readonly metadata: { readonly resourceVersion: string } }; // The wire.
  const apiVersion = kind.group ? `${kind.group}/${kind.version}` : kind.version;
  return { items: list.items.map((item) => ({ ...item, apiVersion, kind: kind.kind })), resourceVersion: list.metadata.resourceVersion };
}

function deleteOptions({ uid, resourceVersion, gracePeriodSeconds, propagation }: InProcessDelete): JsonObject {
  return {
    apiVersion: "v1",
    kind: "DeleteOptions",
    preconditions: { uid, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(propagation === undefined ? {} : { propagationPolicy: propagation }),
  };
}

// A WatchEvent as it stands on a line of the stream.
type WireEvent<T> = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T } | { readonly type: "BOOKMARK" } | { readonly type: "ERROR" };

function openWatch<T extends KubeObject>(deps: Required<InProcessClientDeps>, kind: KindInfo<T>, resourceVersion: string, listener: (event: InProcessEvent<T>) => void): () => void {
  const url = `${pathOf(kind)}?watch=true&resourceVersion=${encodeURIComponent(resourceVersion)}`;
  const response = deps.handle({ method: "GET", url, headers: { accept: "application/json", ...deps.headers } });
  if (response.kind === "body") throw new ApiRefusal(response.status, "WatchRefused", `GET ${url}: ${response.body}`);
  let open = true;
  const close = (): void => {
    if (!open) return;
    open = false;
    listener({ type: "closed" });
  };
  const stop = response.open({
    write: (line) => {
      if (!open) return;
      const event = JSON.parse(line) as WireEvent<T>;
      if (event.type === "ERROR") close();
      else if (event.type !== "BOOKMARK") listener(event);
    },
    end: close,
  });
  return () => {
    open = false;
    stop();
  };
}
