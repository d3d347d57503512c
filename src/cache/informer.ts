import type { KindInfo } from "../api/kind.ts";
import type { KubeObject } from "../api/object.ts";
import { deferred } from "../lib/deferred.ts";
import { createStore, type Store } from "./store.ts";
import type { CacheEvent, CacheListener, CacheReader, IndexFunction, Informer } from "./ports.ts";
import { runWatcher, type Told, type WatcherDeps } from "./watcher.ts";

export interface InformerDeps<T extends KubeObject> extends Omit<WatcherDeps<T>, "tell" | "kind"> {
  readonly kind: KindInfo<T>;
  readonly indexes?: Readonly<Record<string, IndexFunction<T>>>;
}

/** An informer that can be set going. */
export interface RunnableInformer<T extends KubeObject> extends Informer<T> {
  /** Keeps the cache up to date until `signal` aborts. Once only. */
  run(signal: AbortSignal): Promise<void>;
}

/** An informer over list and watch of one kind. */
export function createInformer<T extends KubeObject>(deps: InformerDeps<T>): RunnableInformer<T> {
  return new ListWatchInformer(deps);
}

class ListWatchInformer<T extends KubeObject> implements RunnableInformer<T> {
  readonly #deps: InformerDeps<T>;
  readonly #store: Store<T>;
  readonly #listeners = new Set<CacheListener<T>>();
  readonly #first = deferred();

  constructor(deps: InformerDeps<T>) {
    this.#deps = deps;
    this.#store = createStore(deps.indexes);
  }

  get cache(): CacheReader<T> {
    return this.#store;
  }

  subscribe(listener: CacheListener<T>): () => void {
    this.#listeners.add(listener);
    for (const object of this.#store.list()) this.#tell(listener, { type: "ADDED", object });
    return () => void this.#listeners.delete(listener);
  }

  synced({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
    if (!signal) return this.#first.promise;
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason);
      const onAbort = (): void => reject(signal.reason);
      signal.addEventListener("abort", onAbort, { once: true });
      void this.#first.promise.then(() => {
        signal.removeEventListener("abort", onAbort);
        resolve();
      });
    });
  }

  observe(object: T): void {
    this.#publish(this.#store.observe(object));
  }

  observeDeleted(object: T): void {
    this.#publish(this.#store.bury(object));
  }

  run(signal: AbortSignal): Promise<void> {
    return runWatcher({ ...this.#deps, tell: (told) => this.#apply(told) }, signal);
  }

  #apply(told: Told<T>): void {
    switch (told.type) {
      case "LISTED":
        this.#publish(this.#store.swap(told.objects, told.resourceVersion));
        this.#first.resolve();
        break;
      case "ADDED":
      case "MODIFIED":
        this.#publish(this.#store.put(told.object));
        break;
      case "DELETED":
        this.#publish(this.#store.remove(told.object));
    }
  }

  #publish(events: readonly CacheEvent<T>[]): void {
    for (const event of events) for (const listener of this.#listeners) this.#tell(listener, event);
  }

  /** A listener that throws is a bug of its own: it is logged, and neither the cache nor the other listeners suffer. */
  #tell(listener: CacheListener<T>, event: CacheEvent<T>): void {
    try {
      listener(event);
    } catch (error) {
      this.#deps.log.error("a listener of the cache failed", { err: error, kind: this.#deps.kind.kind });
    }
  }
}
