import type { JsonObject } from "../ports.ts";
import { Collection, type Change, type ChangeListener } from "./collection.ts";
import { Revision } from "./revision.ts";

/** Every object of the cluster under one counter of writes, as etcd keeps them. */
export class Store {
  readonly #collections = new Map<string, Collection>();
  readonly #historyLimit: number;
  readonly #listeners = new Set<ChangeListener>();
  #version = 1;
  // A listener that writes is told of its own write only after everybody heard of the first one.
  readonly #untold: Change[] = [];
  #telling = false;

  constructor(historyLimit: number) {
    this.#historyLimit = historyLimit;
  }

  /** The latest write. */
  get version(): number {
    return this.#version;
  }

  collection(id: string): Collection {
    let collection = this.#collections.get(id);
    if (!collection) {
      collection = new Collection(id, this.#historyLimit);
      this.#collections.set(id, collection);
    }
    return collection;
  }

  collections(): IterableIterator<Collection> {
    return this.#collections.values();
  }

  /** Stores `object` under the next version, which it then carries; every watch has been told when it returns. */
  put(collection: Collection, key: string, object: JsonObject): Revision {
    const previous = collection.get(key);
    const revision = this.#revise(object);
    this.#commit({ type: previous ? "MODIFIED" : "ADDED", collection: collection.id, key, revision, previous }, collection);
    return revision;
  }

  /** Removes the object; watches are told of its stored state under the version of its removal. */
  remove(collection: Collection, key: string): void {
    const previous = collection.get(key);
    if (!previous) return;
    this.#commit({ type: "DELETED", collection: collection.id, key, revision: this.#revise(previous.object), previous }, collection);
  }

  /** Forgets history up to the latest write: watches and continued lists from before answer 410. */
  compact(): void {
    for (const collection of this.#collections.values()) collection.compact(this.#version);
  }

  /** Told of every change of every collection. Returns the way to stop. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  #revise(object: JsonObject): Revision {
    const version = ++this.#version;
    const metadata = object["metadata"] as JsonObject; // Only objects with metadata are stored.
    return new Revision({ ...object, metadata: { ...metadata, resourceVersion: String(version) } }, version);
  }

  #commit(change: Change, collection: Collection): void {
    collection.apply(change);
    this.#untold.push(change);
    if (this.#telling) return;
    this.#telling = true;
    try {
      for (let next = this.#untold.shift(); next; next = this.#untold.shift()) this.#tell(next);
    } finally {
      this.#telling = false;
    }
  }

  #tell(change: Change): void {
    this.#collections.get(change.collection)?.tell(change);
    for (const listener of this.#listeners) listener(change);
    // What is deleted is never told of by its text again, but to watches of the past.
    if (change.type === "DELETED") change.revision.forgetText();
  }
}
