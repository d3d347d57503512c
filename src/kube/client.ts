import { apiVersionOf, pathOf, type KindInfo } from "../api/kind.ts";
import type { KubeObject } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import { isKubeError, KubeError } from "./kube-error.ts";
import type { CallOptions, KubeClient, ListQuery, ListResult, WatchEvent, WatchQuery } from "./ports.ts";
import { errorOf } from "./status-decoder.ts";
import type { Transport, TransportRequest, TransportResponse, TransportStream } from "./transport.ts";
import { isUrgent } from "./urgency.ts";
import { decodeWatch } from "./watch-decoder.ts";

/** What became of one request, for metrics: `status` is 0 when no answer came, a watch is told when it opens. */
export interface RequestRecord {
  readonly verb: string;
  readonly kind: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface KubeClientDeps {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly onRequest?: (record: RequestRecord) => void;
}

const DEADLINE_MS = 10_000;
const PAGE = 500;
const JSON_TYPE = "application/json";
const MERGE_PATCH_TYPE = "application/merge-patch+json";
/** How long a read waits when the server has too much to do and does not say for how long. */
const RETRY_AFTER_MS = 1000;

interface Call {
  readonly verb: keyof typeof METHODS;
  readonly kind: KindInfo;
  readonly path: string;
  readonly body?: unknown;
}

const METHODS = { get: "GET", list: "GET", create: "POST", update: "PUT", patch: "PATCH", delete: "DELETE" } as const;

/** A client of one API server. Reads may be sent again; a write is sent exactly once. */
export function createKubeClient(deps: KubeClientDeps): KubeClient {
  return {
    async get(kind, { namespace, name }, options) {
      try {
        return parse(await read(deps, { verb: "get", kind, path: pathOf(kind, namespace, name) }, options));
      } catch (error) {
        if (isKubeError(error, "NotFound")) return undefined;
        throw error;
      }
    },
    list: (kind, query, options) => listAll(deps, kind, query, options),
    async create(kind, draft, options) {
      return parse(await send(deps, { verb: "create", kind, path: pathOf(kind, draft.metadata.namespace), body: draft }, options));
    },
    async replace(kind, object, options) {
      return parse(await send(deps, { verb: "update", kind, path: exactPath(kind, object), body: object }, options));
    },
    async replaceStatus(kind, object, options) {
      return parse(await send(deps, { verb: "update", kind, path: `${exactPath(kind, object)}/status`, body: object }, options));
    },
    async patch(kind, { namespace, name }, patch, options) {
      return parse(await send(deps, { verb: "patch", kind, path: pathOf(kind, namespace, name), body: patch }, options));
    },
    async delete(kind, { namespace, name }, preconditions, { propagation, ...options } = {}) {
      const body = { apiVersion: "v1", kind: "DeleteOptions", preconditions, ...(propagation ? { propagationPolicy: propagation } : {}) };
      await send(deps, { verb: "delete", kind, path: pathOf(kind, namespace, name), body }, options);
    },
    watch: (kind, query, options) => watch(deps, kind, query, options.signal),
  };
}

/** The object's own path. TypeError without uid or resourceVersion: such a write would overwrite whatever is there. */
function exactPath(kind: KindInfo, { metadata }: KubeObject): string {
  if (!metadata.uid || !metadata.resourceVersion) throw new TypeError(`${kind.kind} ${metadata.name} can not be replaced: it carries no uid or no resourceVersion`);
  return pathOf(kind, metadata.namespace, metadata.name);
}

/** A read: sent once more within its deadline when the server asked to wait, or when the connection broke before an answer. */
async function read(deps: KubeClientDeps, call: Call, options: CallOptions = {}): Promise<TransportResponse> {
  const { deadlineMs = DEADLINE_MS } = options;
  const endMs = deps.clock.monotonic() + deadlineMs;
  try {
    return await send(deps, call, options);
  } catch (error) {
    if (!isKubeError(error, "TooManyRequests", "Unreachable") || options.signal?.aborted) throw error;
    const { retryAfterMs = error.reason === "Unreachable" ? 0 : RETRY_AFTER_MS } = error;
    if (deps.clock.monotonic() + retryAfterMs >= endMs) throw error;
    await deps.clock.sleep(retryAfterMs, options);
    return send(deps, call, { ...options, deadlineMs: endMs - deps.clock.monotonic() });
  }
}

async function send(deps: KubeClientDeps, call: Call, options: CallOptions = {}): Promise<TransportResponse> {
  const { verb, kind, path, body } = call;
  const record = recorder(deps, verb, kind);
  const request: TransportRequest = {
    method: METHODS[verb],
    path,
    headers: { accept: JSON_TYPE, ...(body === undefined ? {} : { "content-type": verb === "patch" ? MERGE_PATCH_TYPE : JSON_TYPE }) },
    deadlineMs: options.deadlineMs ?? DEADLINE_MS,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    ...(options.signal ? { signal: options.signal } : {}),
    urgent: isUrgent(verb, kind),
  };
  let response: TransportResponse;
  try {
    response = await deps.transport.request(request);
  } catch (error) {
    record(0);
    throw error;
  }
  record(response.status);
  if (response.status >= 400) throw errorOf(response);
  return response;
}

function recorder({ clock, onRequest }: KubeClientDeps, verb: string, kind: KindInfo): (status: number) => void {
  const startMs = clock.monotonic();
  return (status) => onRequest?.({ verb, kind: kind.kind, status, durationMs: clock.monotonic() - startMs });
}

function parse<T extends KubeObject>(response: TransportResponse): T {
  // The server answers with the kind that the path names.
  return JSON.parse(response.body) as T;
}

interface Page<T> {
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string };
  readonly items: readonly T[] | null;
}

/** The whole collection; begins anew, once, when its next page is too old to be had. */
async function listAll<T extends KubeObject>(deps: KubeClientDeps, kind: KindInfo<T>, query: ListQuery = {}, options?: CallOptions): Promise<ListResult<T>> {
  try {
    return await pages(deps, kind, query, options);
  } catch (error) {
    if (!isKubeError(error, "Expired")) throw error;
    return pages(deps, kind, query, options);
  }
}

async function pages<T extends KubeObject>(deps: KubeClientDeps, kind: KindInfo<T>, query: ListQuery, options: CallOptions | undefined): Promise<ListResult<T>> {
  const items: T[] = [];
  const typed = { apiVersion: apiVersionOf(kind), kind: kind.kind };
  for (let token: string | undefined; ; ) {
    const search = new URLSearchParams({ limit: String(PAGE), ...selectors(query), ...(token ? { continue: token } : {}) });
    const response = await read(deps, { verb: "list", kind, path: `${pathOf(kind, query.namespace)}?${search.toString()}` }, options);
    const page = JSON.parse(response.body) as Page<T>;
    // Items of a list come without apiVersion and kind.
    for (const item of page.items ?? []) items.push({ ...typed, ...item });
    token = page.metadata.continue;
    if (!token) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

function selectors({ labelSelector, fieldSelector }: ListQuery): Record<string, string> {
  return { ...(labelSelector ? { labelSelector } : {}), ...(fieldSelector ? { fieldSelector } : {}) };
}

async function* watch<T extends KubeObject>(deps: KubeClientDeps, kind: KindInfo<T>, query: WatchQuery, signal: AbortSignal): AsyncGenerator<WatchEvent<T>> {
  const search = new URLSearchParams({
    watch: "1",
    allowWatchBookmarks: "true",
    resourceVersion: query.resourceVersion,
    timeoutSeconds: String(query.timeoutSeconds),
    ...selectors(query),
  });
  const stream = await open(deps, kind, `${pathOf(kind, query.namespace)}?${search.toString()}`, signal);
  if (stream.status >= 400) throw errorOf({ status: stream.status, headers: stream.headers, body: await text(stream.chunks) });
  try {
    yield* decodeWatch<T>(stream.chunks);
  } catch (error) {
    if (error instanceof KubeError || signal.aborted) throw error;
    throw new KubeError("Unreachable", `the watch of ${kind.plural} broke`, { cause: error });
  }
}

async function open(deps: KubeClientDeps, kind: KindInfo, path: string, signal: AbortSignal): Promise<TransportStream> {
  const record = recorder(deps, "watch", kind);
  try {
    const stream = await deps.transport.stream({ method: "GET", path, headers: { accept: JSON_TYPE }, signal, deadlineMs: DEADLINE_MS });
    record(stream.status);
    return stream;
  } catch (error) {
    record(0);
    throw error;
  }
}

async function text(chunks: TransportStream["chunks"]): Promise<string> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(Buffer.from(chunk));
  return Buffer.concat(parts).toString("utf8");
}
