import type { KubeObject } from "../../../src/api/object.ts";
import type { KindInfo } from "../../../src/api/kind.ts";
import { createChunkQueue, type ChunkQueue } from "../../../src/kube/chunk-queue.ts";
import type { ListQuery, ListResult, Reader, Watcher, WatchEvent, WatchQuery } from "../../../src/kube/ports.ts";

export interface Thing extends KubeObject {
  readonly spec: { readonly color: string };
}

export const THING: KindInfo<Thing> = { group: "test.example", version: "v1", kind: "Thing", plural: "things", namespaced: true };

export function thing(name: string, resourceVersion: string, given: { readonly uid?: string; readonly color?: string } = {}): Thing {
  return {
    apiVersion: "test.example/v1",
    kind: "Thing",
    metadata: { name, namespace: "here", uid: given.uid ?? `uid-${name}`, resourceVersion, creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: { color: given.color ?? "red" },
  };
}

/** A stream in the hands of the test. */
export interface OpenStream {
  readonly query: WatchQuery;
  readonly signal: AbortSignal;
  readonly chunks: ChunkQueue<WatchEvent<Thing>>;
  /** Whether the consumer has let go of it. */
  readonly closed: boolean;
}

type Answer = () => Promise<ListResult<Thing>>;

/** A client whose lists are answered, and whose streams are fed, by the test. */
export class ScriptedClient implements Pick<Reader, "list">, Watcher {
  readonly lists: ListQuery[] = [];
  readonly streams: OpenStream[] = [];
  readonly #answers: Answer[] = [];
  readonly #refusals: unknown[] = [];

  /** The next list is answered with this. */
  answer(resourceVersion: string, ...items: readonly Thing[]): void {
    this.#answers.push(() => Promise.resolve({ items, resourceVersion }));
  }

  answerWith(answer: Answer): void {
    this.#answers.push(answer);
  }

  fail(error: unknown): void {
    this.#answers.push(async () => {
      throw error;
    });
  }

  /** The next watch fails before its first event. */
  refuseWatch(error: unknown): void {
    this.#refusals.push(error);
  }

  /** The stream opened last. */
  get stream(): OpenStream {
    const last = this.streams.at(-1);
    if (!last) throw new Error("no stream was opened");
    return last;
  }

  list<T extends KubeObject>(_kind: KindInfo<T>, query: ListQuery = {}): Promise<ListResult<T>> {
    this.lists.push(query);
    const answer = this.#answers.shift();
    if (!answer) return Promise.reject(new Error("no answer was scripted"));
    return answer() as Promise<ListResult<never>>;
  }

  async *watch<T extends KubeObject>(_kind: KindInfo<T>, query: WatchQuery, { signal }: { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<T>> {
    let closed = false;
    const chunks = createChunkQueue<WatchEvent<Thing>>({ onDone: () => void (closed = true) });
    this.streams.push({
      query,
      signal,
      chunks,
      get closed() {
        return closed;
      },
    });
    const refusal = this.#refusals.shift();
    if (refusal !== undefined) throw refusal;
    signal.addEventListener("abort", () => chunks.fail(signal.reason), { once: true });
    yield* chunks as AsyncIterable<WatchEvent<never>>;
  }
}
