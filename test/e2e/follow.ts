import { setTimeout as sleep } from "node:timers/promises";
import type { KindInfo } from "../../src/api/kind.ts";
import type { KubeObject } from "../../src/api/object.ts";
import { isKubeError, KubeError } from "../../src/kube/kube-error.ts";
import type { KubeClient } from "../../src/kube/ports.ts";

/** A change of one object; `version` is the API server's revision, one order over all kinds of one etcd. */
export interface Change<T> {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly version: number;
  /** When it was seen, on this process's monotonic clock. */
  readonly atMs: number;
  readonly object: T;
}

export interface Following extends AsyncDisposable {
  /** How often the history had a hole and the kind was listed again; states between were not seen. */
  readonly holes: number;
}

export interface FollowOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly kind: KindInfo<T>;
  /** All namespaces when absent. */
  readonly namespace?: string;
  readonly onChange: (change: Change<T>) => void;
}

const AGAIN_AFTER_MS = 100;
const STREAM_SECONDS = 600;

/** Tells every change of a kind from now on, over restarts of the API server and of etcd. Resolves when the first list is in. */
export async function follow<T extends KubeObject>(options: FollowOptions<T>): Promise<Following> {
  const follower = new Follower(options);
  await follower.list();
  const running = follower.run();
  return {
    get holes() {
      return follower.holes;
    },
    async [Symbol.asyncDispose]() {
      follower.end.abort();
      await running;
    },
  };
}

class Follower<T extends KubeObject> {
  readonly end = new AbortController();
  holes = -1;
  readonly #options: FollowOptions<T>;
  readonly #known = new Map<string, T>();
  #version = "0";

  constructor(options: FollowOptions<T>) {
    this.#options = options;
  }

  async run(): Promise<void> {
    while (!this.end.signal.aborted) {
      try {
        await this.#watch();
      } catch (error) {
        if (this.end.signal.aborted) return;
        if (!(error instanceof KubeError)) throw error;
        await this.#recover(error);
      }
    }
  }

  async list(): Promise<void> {
    const { client, kind, namespace } = this.#options;
    const { items, resourceVersion } = await client.list(kind, namespace === undefined ? {} : { namespace }, { signal: this.end.signal });
    this.holes++;
    const left = new Set(this.#known.keys());
    for (const object of items) {
      left.delete(object.metadata.uid);
      const known = this.#known.get(object.metadata.uid);
      if (known?.metadata.resourceVersion !== object.metadata.resourceVersion) this.#tell(known ? "MODIFIED" : "ADDED", object, object.metadata.resourceVersion);
    }
    for (const uid of left) {
      const object = this.#known.get(uid);
      if (object) this.#tell("DELETED", object, resourceVersion);
    }
    this.#version = resourceVersion;
  }

  async #watch(): Promise<void> {
    const { client, kind, namespace } = this.#options;
    const query = { resourceVersion: this.#version, timeoutSeconds: STREAM_SECONDS, ...(namespace === undefined ? {} : { namespace }) };
    for await (const event of client.watch(kind, query, { signal: this.end.signal })) {
      if (event.type !== "BOOKMARK") this.#tell(event.type, event.object, event.object.metadata.resourceVersion);
      this.#version = event.type === "BOOKMARK" ? event.resourceVersion : event.object.metadata.resourceVersion;
    }
  }

  async #recover(error: KubeError): Promise<void> {
    try {
      await sleep(AGAIN_AFTER_MS, undefined, { signal: this.end.signal });
      if (error.reason === "Expired") await this.list();
    } catch (failed) {
      // The API server is still away, or we are told to end: the next round sees to both.
      if (!this.end.signal.aborted && !isKubeError(failed)) throw failed;
    }
  }

  #tell(type: Change<T>["type"], object: T, version: string): void {
    if (type === "DELETED") this.#known.delete(object.metadata.uid);
    else this.#known.set(object.metadata.uid, object);
    this.#options.onChange({ type, version: Number(version), atMs: performance.now(), object });
  }
}
