import type { KindInfo } from "../api/kind.ts";
import type { Draft, KubeObject, ObjectKey, Preconditions } from "../api/object.ts";

/**
 * Every call may be aborted; it always has a deadline as well (the client's default of 10 s unless `deadlineMs` is given). An
 * aborted read throws the signal's reason; an aborted write throws KubeError, `Unreachable` if it was never sent.
 */
export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly deadlineMs?: number;
}

export interface ListQuery {
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
}

export interface ListResult<T> {
  readonly items: readonly T[];
  readonly resourceVersion: string;
}

/** Live reads. Nothing here is served from a cache of ours. */
export interface Reader {
  /** Quorum read by name; undefined when there is no such object. Throws KubeError on anything else. */
  get<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey, options?: CallOptions): Promise<T | undefined>;
  /** A consistent list of a whole collection (paged underneath). Never on the launch path: it waits for the API server's watch cache. */
  list<T extends KubeObject>(kind: KindInfo<T>, query?: ListQuery, options?: CallOptions): Promise<ListResult<T>>;
}

/** What a merge patch must say about the object it is meant for. */
export interface MergePatch {
  readonly metadata: { readonly uid: string; readonly resourceVersion?: string; readonly [field: string]: unknown };
  readonly [field: string]: unknown;
}

/**
 * Writes. Each is sent exactly once: a timeout or a broken connection is an unknown outcome (KubeError reason
 * `UnknownOutcome`), and the caller re-reads and decides. Each states the version that justified it.
 */
export interface Writer {
  create<T extends KubeObject>(kind: KindInfo<T>, draft: Draft<T>, options?: CallOptions): Promise<T>;
  /** PUT at the uid and resourceVersion that `object` carries; TypeError when it carries none. */
  replace<T extends KubeObject>(kind: KindInfo<T>, object: T, options?: CallOptions): Promise<T>;
  /** The same on the status subresource. */
  replaceStatus<T extends KubeObject>(kind: KindInfo<T>, object: T, options?: CallOptions): Promise<T>;
  /** JSON merge patch. Its metadata.uid makes it a patch of that very object. */
  patch<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey, patch: MergePatch, options?: CallOptions): Promise<T>;
  /** Exact delete; a precondition that does not hold or an object that is gone throws KubeError (see `isNotThatObject`). */
  delete(kind: KindInfo, key: ObjectKey, preconditions: Preconditions, options?: DeleteOptions): Promise<void>;
}

export interface DeleteOptions extends CallOptions {
  readonly propagation?: "Background" | "Foreground" | "Orphan";
}

/** One event of a watch, decoded. ERROR events are thrown as KubeError instead. */
export type WatchEvent<T> =
  | { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: T }
  | { readonly type: "BOOKMARK"; readonly resourceVersion: string };

export interface WatchQuery extends ListQuery {
  readonly resourceVersion: string;
  /** The server ends the stream after this long. */
  readonly timeoutSeconds: number;
}

export interface Watcher {
  /** Events after `query.resourceVersion`, until the server ends the stream (return), it breaks (KubeError) or `signal` aborts. Bookmarks are asked for. */
  watch<T extends KubeObject>(kind: KindInfo<T>, query: WatchQuery, options: { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<T>>;
}

/** A connection to one API server, as one user. */
export interface KubeClient extends Reader, Writer, Watcher {}
