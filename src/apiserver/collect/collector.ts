import { silentLogger } from "../../lib/log.ts";
import type { ApiContext } from "../context.ts";
import { delayMs, DelayedKeys, type Delay } from "../delayed-keys.ts";
import { finalizersOf } from "../objects/metadata-validation.ts";
import { storedMeta } from "../objects/metadata.ts";
import type { Change } from "../store/collection.ts";
import { collectObject } from "./collect-object.ts";
import { emptyNamespace } from "./empty-namespace.ts";
import { OwnerGraph } from "./owner-graph.ts";

const NAMESPACE_KEY = "namespace/";

export interface CollectorDeps {
  readonly context: ApiContext;
  /** From the change that makes something garbage to its collection; a function is asked each time, with the uid of what may have to go. */
  readonly delayMs: Delay<[uid: string]>;
}

/** The garbage collector and the namespace controller of this cluster, driven by its clock; one reaction a `delayMs` for every level of ownership. */
export class Collector {
  readonly #deps: CollectorDeps;
  readonly #graph = new OwnerGraph();
  readonly #keys: DelayedKeys;
  readonly #terminating = new Set<string>();
  readonly #unsubscribe: () => void;

  constructor(deps: CollectorDeps) {
    this.#deps = deps;
    const { context } = deps;
    this.#keys = new DelayedKeys({ clock: context.clock, log: silentLogger, run: (key) => this.#run(key) });
    this.#unsubscribe = context.store.subscribe((change) => this.#notice(change));
  }

  stop(): void {
    this.#unsubscribe();
    this.#keys.stop();
  }

  #run(key: string): void {
    const { context } = this.#deps;
    if (key.startsWith(NAMESPACE_KEY)) emptyNamespace(context, key.slice(NAMESPACE_KEY.length));
    else collectObject({ context, graph: this.#graph, again: (uid) => this.#ask(uid) }, key);
  }

  #ask(key: string): void {
    this.#keys.ask(key, delayMs(this.#deps.delayMs, 0, key));
  }

  #notice(change: Change): void {
    const { uid, before, after } = this.#graph.apply(change);
    this.#noticeNamespace(change);
    if (change.type === "DELETED") {
      for (const dependent of this.#graph.dependentsOf(uid)) this.#ask(dependent);
      for (const owner of before) this.#askIfWaiting(owner.uid);
      return;
    }
    if (after.some((owner) => !this.#graph.isNear(owner.uid, change.key))) this.#ask(uid);
    if (after !== before) for (const owner of before) this.#askIfWaiting(owner.uid);
    for (const owner of after) this.#askIfWaiting(owner.uid);
    const { deletionTimestamp } = storedMeta(change.revision.object);
    if (deletionTimestamp !== undefined && finalizersOf(change.revision.object).some((finalizer) => finalizer === "foregroundDeletion" || finalizer === "orphan")) this.#ask(uid);
  }

  // Only an owner in deletion cares for what becomes of its dependents.
  #askIfWaiting(uid: string): void {
    const place = this.#graph.placeOf(uid);
    const owner = place && this.#deps.context.store.collection(place.collection).get(place.key);
    if (owner && storedMeta(owner.object).deletionTimestamp !== undefined) this.#ask(uid);
  }

  #noticeNamespace({ type, collection, revision, key }: Change): void {
    const { namespace, deletionTimestamp } = storedMeta(revision.object);
    if (collection === "namespaces") {
      if (type === "DELETED") this.#terminating.delete(key);
      else if (deletionTimestamp !== undefined && !this.#terminating.has(key)) {
        this.#terminating.add(key);
        this.#ask(NAMESPACE_KEY + key);
      }
    } else if (type === "DELETED" && namespace !== undefined && this.#terminating.has(namespace)) {
      this.#ask(NAMESPACE_KEY + namespace);
    }
  }
}
