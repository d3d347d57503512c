import type { Timer } from "../../lib/clock.ts";
import type { ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { withMeta } from "../objects/metadata.ts";
import type { JsonObject, StreamSink } from "../ports.ts";
import { served, shaped, type Shape } from "../respond.ts";
import { expired } from "../status-error.ts";
import type { Change, Collection } from "../store/collection.ts";
import { Revision } from "../store/revision.ts";
import type { Selection } from "./list.ts";

/** Where a watch begins: with every object as ADDED (`announced`: and a bookmark after them), with what comes now, or after a version. */
export type WatchStart = { readonly kind: "state"; readonly announced: boolean } | { readonly kind: "now" } | { readonly kind: "after"; readonly version: number };

export interface WatchStreamDeps {
  readonly context: ApiContext;
  readonly call: ResourceCall;
  readonly sink: StreamSink;
  readonly selects: Selection | undefined;
  readonly shape: Shape;
  readonly bookmarks: boolean;
}

type EventType = Change["type"] | "BOOKMARK" | "ERROR";

/** One open watch. It ends by its timeout, by an error or by `stop`, and says nothing after it. */
export class WatchStream {
  readonly #deps: WatchStreamDeps;
  readonly #collection: Collection;
  #unsubscribe: () => void = () => undefined;
  readonly #timers = new Set<Timer>();
  #after = 0;
  #open = true;
  // Column definitions are sent once.
  #headed = false;

  constructor(deps: WatchStreamDeps) {
    this.#deps = deps;
    this.#collection = deps.context.store.collection(deps.call.resource.storage);
  }

  start(start: WatchStart, timeoutMs: number): void {
    const { clock, bookmarkIntervalMs, store } = this.#deps.context;
    this.#after = start.kind === "after" ? start.version : store.version;
    if (!this.#replay(start)) return;
    this.#unsubscribe = this.#collection.subscribe((change) => this.#tell(change));
    this.#timers.add(clock.timer(timeoutMs, () => this.#timeout()));
    if (this.#deps.bookmarks) this.#bookmarkEvery(bookmarkIntervalMs);
  }

  /** The client has gone: nothing more is written, `end` included. */
  stop(): void {
    this.#open = false;
    this.#unsubscribe();
    for (const timer of this.#timers) timer.cancel();
    this.#timers.clear();
  }

  #replay(start: WatchStart): boolean {
    if (start.kind === "now") return true;
    if (start.kind === "after") return this.#replayAfter(start.version);
    for (const revision of this.#collection.sorted()) if (!this.#deps.selects || this.#deps.selects(revision)) this.#write("ADDED", revision);
    if (start.announced && this.#deps.bookmarks) this.#bookmark({ "k8s.io/initial-events-end": "true" });
    return true;
  }

  #replayAfter(version: number): boolean {
    const changes = this.#collection.changesAfter(version);
    if (changes) {
      for (const change of changes) this.#tell(change);
      return true;
    }
    const { status } = expired(`too old resource version: ${version} (${this.#collection.oldestVersion})`);
    this.#line("ERROR", JSON.stringify(status));
    this.#end();
    return false;
  }

  // An object that a change brings in or out of the selection comes or goes, as far as this watch can see.
  #tell(change: Change): void {
    const { revision, previous, type } = change;
    if (revision.version <= this.#after) return;
    const { selects } = this.#deps;
    if (!selects) return this.#write(type, revision);
    const before = previous !== undefined && selects(previous);
    const now = type !== "DELETED" && selects(revision);
    if (now) this.#write(before ? "MODIFIED" : "ADDED", revision);
    else if (before) this.#write("DELETED", type === "DELETED" ? revision : asOf(previous, revision.version));
  }

  #write(type: EventType, revision: Revision): void {
    const { call, shape, context } = this.#deps;
    if (shape === "json" && !call.resource.conversion) return this.#line(type, revision.json);
    const object = shaped(context, call, shape, served(call.resource, revision), this.#headed);
    this.#headed = true;
    this.#line(type, JSON.stringify(object));
  }

  #line(type: EventType, json: string): void {
    if (this.#open) this.#deps.sink.write(`{"type":"${type}","object":${json}}\n`);
  }

  #bookmarkEvery(intervalMs: number): void {
    const timer = this.#deps.context.clock.timer(intervalMs, () => {
      this.#timers.delete(timer);
      this.#bookmark();
      this.#bookmarkEvery(intervalMs);
    });
    this.#timers.add(timer);
  }

  #bookmark(annotations?: JsonObject): void {
    const { call, context, shape } = this.#deps;
    const { apiVersion, info } = call.resource;
    const metadata: JsonObject = { resourceVersion: String(context.store.version), ...(annotations ? { annotations } : {}) };
    const object = { kind: info.kind, apiVersion, metadata };
    this.#line("BOOKMARK", JSON.stringify(shape === "table" ? shaped(context, call, shape, object, true) : object));
  }

  #timeout(): void {
    if (this.#deps.bookmarks) this.#bookmark();
    this.#end();
  }

  #end(): void {
    const open = this.#open;
    this.stop();
    if (open) this.#deps.sink.end();
  }
}

// The state that left the selection, under the version of the change that took it out.
function asOf(previous: Revision, version: number): Revision {
  return new Revision(withMeta(previous.object, { resourceVersion: String(version) }), version);
}
