import type { KindInfo } from "../api/kind.ts";
import { keyOf, type KubeObject } from "../api/object.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import { isRefusal, type InProcessClient, type InProcessEvent } from "./in-process-client.ts";

/** Pause before a stream that ended is opened again. */
const REOPEN_MS = 10;

/** What changed: the new state, and the one before unless it was just created. A deleted object has no new state. */
export interface MirrorChange<T> {
  readonly object: T | undefined;
  readonly previous: T | undefined;
}

export interface MirrorDeps<T extends KubeObject> {
  readonly client: InProcessClient;
  readonly clock: Clock;
  readonly kind: KindInfo<T>;
  /** Told synchronously inside the write that caused the change: it must not call the API, only note and schedule. */
  onChange(change: MirrorChange<T>): void;
}

/**
 * All objects of one kind, as they are at this instant: streams inside the process are synchronous, so a mirror is never
 * behind. When a stream ends it is empty of news until it has listed again, `REOPEN_MS` later.
 */
export class InProcessMirror<T extends KubeObject> {
  readonly #deps: MirrorDeps<T>;
  readonly #objects = new Map<string, T>();
  #closeStream: () => void = () => undefined;
  #reopen: Timer | undefined;

  constructor(deps: MirrorDeps<T>) {
    this.#deps = deps;
  }

  /** Lists and opens the stream; every object already there is told as a change. Throws ApiRefusal when the kind is not served. */
  start(): void {
    const { client, kind } = this.#deps;
    const { items, resourceVersion } = client.list(kind);
    this.#replaceAll(items);
    this.#closeStream = client.watch(kind, resourceVersion, (event) => this.#apply(event));
  }

  stop(): void {
    this.#closeStream();
    this.#reopen?.cancel();
  }

  get(key: string): T | undefined {
    return this.#objects.get(key);
  }

  values(): IterableIterator<T> {
    return this.#objects.values();
  }

  #apply(event: InProcessEvent<T>): void {
    if (event.type === "closed") return this.#reopenSoon();
    this.#set(keyOf(event.object), event.type === "DELETED" ? undefined : event.object, event.object);
  }

  #reopenSoon(): void {
    this.#reopen = this.#deps.clock.timer(REOPEN_MS, () => {
      try {
        this.start();
      } catch (error) {
        if (!isRefusal(error)) throw error;
        this.#reopenSoon();
      }
    });
  }

  #replaceAll(items: readonly T[]): void {
    const listed = new Map(items.map((item) => [keyOf(item), item]));
    for (const key of this.#objects.keys()) if (!listed.has(key)) this.#set(key, undefined);
    for (const [key, object] of listed) {
      if (this.#objects.get(key)?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#set(key, object);
    }
  }

  // `last` is what a DELETED event carried: the final state, newer than the one kept.
  #set(key: string, object: T | undefined, last?: T): void {
    const known = this.#objects.get(key);
    if (object) this.#objects.set(key, object);
    else this.#objects.delete(key);
    this.#deps.onChange({ object, previous: object ? known : (last ?? known) });
  }
}
