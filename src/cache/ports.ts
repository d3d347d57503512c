import type { KubeObject, ObjectKey } from "../api/object.ts";

/** A function from an object to the values under which an index files it. */
export type IndexFunction<T> = (object: T) => readonly string[];

/** A local copy of one kind, read synchronously: it may be behind the API server, never ahead of it. */
export interface CacheReader<T extends KubeObject> {
  get(key: ObjectKey): T | undefined;
  list(): readonly T[];
  /** Objects filed under `value` in the index `name`; TypeError when there is no such index. */
  byIndex(name: string, value: string): readonly T[];
  /** Whether a first complete list has been applied. Nothing may be decided from a cache before. */
  readonly synced: boolean;
}

/** A change of the local copy, told after it was applied. `DELETED` carries the last state seen. */
export type CacheEvent<T> =
  | { readonly type: "ADDED"; readonly object: T }
  | { readonly type: "MODIFIED"; readonly object: T; readonly previous: T }
  | { readonly type: "DELETED"; readonly object: T };

export type CacheListener<T> = (event: CacheEvent<T>) => void;

/** A cache that is kept up to date by list and watch. */
export interface Informer<T extends KubeObject> {
  readonly cache: CacheReader<T>;
  /** Told of every change from now on, and first of each object already there as ADDED. Returns the way to stop listening. */
  subscribe(listener: CacheListener<T>): () => void;
  /** Resolves when the first list has been applied; rejects when the signal aborts first. */
  synced(options?: { readonly signal?: AbortSignal }): Promise<void>;
  /**
   * The answer of our own write, so that the cache is not behind it. An object that the watch has not brought yet stays unknown
   * until it does, because its presence promises all that came before it; when it comes, it is no older than this.
   */
  observe(object: T): void;
  /** The same for our own delete, where the object is gone for good (no finalizer, no grace period): it leaves the cache now, and does not come back with what the watch still has to tell of it. */
  observeDeleted(object: T): void;
}
