import { compareResourceVersions, keyOf, type KubeObject, type ObjectKey } from "../api/object.ts";
import type { CacheEvent, CacheReader, IndexFunction } from "./ports.ts";

/** A cache with its one writer's end. Each write returns the events that it made, in order. */
export interface Store<T extends KubeObject> extends CacheReader<T> {
  /** A complete list, as things were at `resourceVersion`, takes the place of everything: what is not in it is DELETED. */
  swap(objects: readonly T[], resourceVersion: string): readonly CacheEvent<T>[];
  /** The object as it is now. An older version than the one held changes nothing. */
  put(object: T): readonly CacheEvent<T>[];
  /** The object is gone; `object` is its last state. Nothing changes when another one is held under its name. */
  remove(object: T): readonly CacheEvent<T>[];
  /** As `remove`, ahead of the watch: what comes of that very object after this, and until its DELETED, is old news. */
  bury(object: T): readonly CacheEvent<T>[];
  /** A version of our own writing. An object that is not held stays unknown until the watch tells of it, and is then no older than this. */
  observe(object: T): readonly CacheEvent<T>[];
}

/** A store with the given indexes. */
export function createStore<T extends KubeObject>(indexes: Readonly<Record<string, IndexFunction<T>>> = {}): Store<T> {
  return new IndexedStore(indexes);
}

class IndexedStore<T extends KubeObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexFunctions: Readonly<Record<string, IndexFunction<T>>>;
  // index name -> value -> keys. An entry is there exactly while an object in #objects is filed under it.
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  // Uids of objects that we know to be gone, and whose DELETED has not come yet. Each was held when it was buried, so it will.
  readonly #buried = new Set<string>();
  // uid -> what we have written of objects that the watch has yet to tell of.
  readonly #expected = new Map<string, T>();
  // The latest version told of: the watch has nothing more to tell of what was before it.
  #toldUpTo = "0";
  #synced = false;

  constructor(indexes: Readonly<Record<string, IndexFunction<T>>>) {
    this.#indexFunctions = indexes;
    for (const name of Object.keys(indexes)) this.#indexes.set(name, new Map());
  }

  get synced(): boolean {
    return this.#synced;
  }

  get({ namespace, name }: ObjectKey): T | undefined {
    return this.#objects.get(namespace ? `${namespace}/${name}` : name);
  }

  list(): readonly T[] {
    return [...this.#objects.values()];
  }

  byIndex(name: string, value: string): readonly T[] {
    const index = this.#indexes.get(name);
    if (!index) throw new TypeError(`no index ${name}`);
    const found: T[] = [];
    for (const key of index.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  swap(objects: readonly T[], resourceVersion: string): readonly CacheEvent<T>[] {
    this.#toldOf(resourceVersion);
    const listed = new Set(objects.map(({ metadata }) => metadata.uid));
    const gone = this.list().filter(({ metadata }) => !listed.has(metadata.uid));
    for (const uid of this.#buried) if (!listed.has(uid)) this.#buried.delete(uid);
    // The list would hold it, unless it is gone or younger.
    for (const [uid, { metadata }] of this.#expected) if (!listed.has(uid) && !this.#isToCome(metadata.resourceVersion)) this.#expected.delete(uid);
    const events = [...gone.flatMap((object) => this.#drop(object)), ...objects.flatMap((object) => this.put(object))];
    this.#synced = true;
    return events;
  }

  put(object: T): readonly CacheEvent<T>[] {
    this.#toldOf(object.metadata.resourceVersion);
    return this.#hold(this.#newest(object));
  }

  #hold(object: T): readonly CacheEvent<T>[] {
    const key = keyOf(object);
    const previous = this.#objects.get(key);
    if (this.#buried.has(object.metadata.uid)) return [];
    if (previous && compareResourceVersions(object.metadata.resourceVersion, previous.metadata.resourceVersion) <= 0) return [];
    // Under the same name, but another object: its predecessor is gone.
    const replaced = previous && previous.metadata.uid !== object.metadata.uid ? this.#drop(previous) : [];
    const same = replaced.length === 0 ? previous : undefined;
    if (same) this.#unfile(key, same);
    this.#objects.set(key, object);
    this.#file(key, object);
    return [...replaced, same ? { type: "MODIFIED", object, previous: same } : { type: "ADDED", object }];
  }

  remove(object: T): readonly CacheEvent<T>[] {
    this.#toldOf(object.metadata.resourceVersion);
    return this.#drop(object);
  }

  #drop(object: T): readonly CacheEvent<T>[] {
    const key = keyOf(object);
    this.#buried.delete(object.metadata.uid);
    this.#expected.delete(object.metadata.uid);
    const held = this.#objects.get(key);
    if (held?.metadata.uid !== object.metadata.uid) return [];
    this.#unfile(key, held);
    this.#objects.delete(key);
    return [{ type: "DELETED", object }];
  }

  bury(object: T): readonly CacheEvent<T>[] {
    const events = this.#drop(object);
    if (events.length > 0) this.#buried.add(object.metadata.uid);
    return events;
  }

  observe(object: T): readonly CacheEvent<T>[] {
    const { uid, resourceVersion } = object.metadata;
    if (this.#objects.get(keyOf(object))?.metadata.uid === uid) return this.#hold(object);
    if (this.#isToCome(resourceVersion)) this.#expected.set(uid, this.#newest(object));
    return [];
  }

  #toldOf(resourceVersion: string): void {
    if (this.#isToCome(resourceVersion)) this.#toldUpTo = resourceVersion;
  }

  #isToCome(resourceVersion: string): boolean {
    return compareResourceVersions(resourceVersion, this.#toldUpTo) > 0;
  }

  /** `object`, or what we have written of it since; taking it uses it up. */
  #newest(object: T): T {
    const { uid, resourceVersion } = object.metadata;
    const written = this.#expected.get(uid);
    this.#expected.delete(uid);
    return written && compareResourceVersions(written.metadata.resourceVersion, resourceVersion) > 0 ? written : object;
  }

  #file(key: string, object: T): void {
    for (const [index, value] of this.#entries(object)) {
      const keys = index.get(value);
      if (keys) keys.add(key);
      else index.set(value, new Set([key]));
    }
  }

  #unfile(key: string, object: T): void {
    for (const [index, value] of this.#entries(object)) {
      const keys = index.get(value);
      keys?.delete(key);
      if (keys?.size === 0) index.delete(value);
    }
  }

  *#entries(object: T): Generator<readonly [Map<string, Set<string>>, string]> {
    for (const [name, indexOf] of Object.entries(this.#indexFunctions)) {
      const index = this.#indexes.get(name);
      if (index) for (const value of indexOf(object)) yield [index, value];
    }
  }
}
