import { isDeepStrictEqual } from "node:util";
import { apiVersionOf, pathOf, type KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft, KubeObject, ObjectKey, Preconditions } from "../../src/api/object.ts";
import { KubeError, type KubeErrorReason } from "../../src/kube/kube-error.ts";
import type { DeleteOptions, KubeClient, ListQuery, ListResult, MergePatch, WatchEvent, WatchQuery } from "../../src/kube/ports.ts";

/** A stored object: what the API keeps of any kind, fields that we do not know included. */
type Stored = KubeObject & { readonly spec?: Record<string, unknown>; readonly status?: unknown };
type Change = { readonly type: "ADDED" | "MODIFIED" | "DELETED"; readonly object: Stored };

const STATUS: Partial<Record<KubeErrorReason, number>> = { NotFound: 404, AlreadyExists: 409, Conflict: 409, Invalid: 422, BadRequest: 400 };
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** An API server's store behind the client's ports, in memory and for any kind: compare-and-swap, deletion and watches as the real one does them. */
export class FakeKube implements KubeClient {
  readonly #objects = new Map<string, Stored>();
  readonly #changes: Change[] = [];
  #wake = Promise.withResolvers<void>();
  #version = 100;
  #uids = 0;
  readonly #now: () => number;

  constructor(now: () => number = () => Date.UTC(2026, 0, 1)) {
    this.#now = now;
  }

  /** Stores an object as it is, uid and status included, as somebody has left it there. */
  put(object: KubeObject): void {
    const kind = Object.values(kinds).find((known) => known.kind === object.kind);
    if (!kind) throw new TypeError(`${object.kind} is not known`);
    this.#store("ADDED", pathOf(kind, object.metadata.namespace, object.metadata.name), object);
  }

  async get<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey): Promise<T | undefined> {
    return this.#objects.get(pathOf(kind, key.namespace, key.name)) as T | undefined;
  }

  async list<T extends KubeObject>(kind: KindInfo<T>, query: ListQuery = {}): Promise<ListResult<T>> {
    const items = [...this.#objects.values()].filter((object) => selects(kind, query, object)).map((object) => object as unknown as T);
    return { items, resourceVersion: String(this.#version) };
  }

  async create<T extends KubeObject>(kind: KindInfo<T>, draft: Draft<T>): Promise<T> {
    const path = pathOf(kind, draft.metadata.namespace, draft.metadata.name);
    if (this.#objects.has(path)) throw refusal("AlreadyExists", path);
    const { status: _dropped, ...rest } = draft as Draft<T> & { status?: unknown };
    const meta = { ...draft.metadata, uid: `uid-${++this.#uids}`, creationTimestamp: new Date(this.#now()).toISOString().replace(/\.\d+/, ""), generation: 1 };
    return this.#store("ADDED", path, { ...rest, apiVersion: apiVersionOf(kind), kind: kind.kind, metadata: meta }) as unknown as T;
  }

  async replace<T extends KubeObject>(kind: KindInfo<T>, object: T): Promise<T> {
    return this.#swap(kind, object, (old) => ({ ...(object as unknown as Stored), status: old.status })) as unknown as T;
  }

  async replaceStatus<T extends KubeObject>(kind: KindInfo<T>, object: T): Promise<T> {
    return this.#swap(kind, object, (old) => ({ ...old, status: (object as unknown as Stored).status })) as unknown as T;
  }

  async patch<T extends KubeObject>(kind: KindInfo<T>, key: ObjectKey, patch: MergePatch): Promise<T> {
    const path = pathOf(kind, key.namespace, key.name);
    const old = this.#objects.get(path);
    if (!old) throw refusal("NotFound", path);
    if (patch.metadata.uid !== old.metadata.uid) throw refusal("Invalid", path);
    if ((patch.metadata.resourceVersion ?? old.metadata.resourceVersion) !== old.metadata.resourceVersion) throw refusal("Conflict", path);
    return this.#change(path, old, { ...(merged(old, patch) as Stored), status: old.status }) as unknown as T;
  }

  async delete(kind: KindInfo, key: ObjectKey, preconditions: Preconditions, _options?: DeleteOptions): Promise<void> {
    const path = pathOf(kind, key.namespace, key.name);
    const old = this.#objects.get(path);
    if (!old) throw refusal("NotFound", path);
    const { uid, resourceVersion } = preconditions;
    if ((uid ?? old.metadata.uid) !== old.metadata.uid || (resourceVersion ?? old.metadata.resourceVersion) !== old.metadata.resourceVersion) throw refusal("Conflict", path);
    if (!old.metadata.finalizers?.length) this.#store("DELETED", path, old);
    else if (!old.metadata.deletionTimestamp) this.#store("MODIFIED", path, { ...old, metadata: { ...old.metadata, deletionTimestamp: new Date(this.#now()).toISOString() } });
  }

  async *watch<T extends KubeObject>(kind: KindInfo<T>, query: WatchQuery, { signal }: { readonly signal: AbortSignal }): AsyncIterable<WatchEvent<T>> {
    const aborted = new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
    for (let next = 0; !signal.aborted; ) {
      const change = this.#changes[next++];
      if (!change) {
        next--;
        await Promise.race([this.#wake.promise, aborted]);
      } else if (selects(kind, query, change.object) && Number(change.object.metadata.resourceVersion) > Number(query.resourceVersion)) {
        yield { type: change.type, object: change.object as unknown as T };
      }
    }
  }

  #swap(kind: KindInfo, object: KubeObject, next: (old: Stored) => Stored): Stored {
    const { namespace, name, uid, resourceVersion } = object.metadata;
    if (!uid || !resourceVersion) throw new TypeError(`replace of ${name} without uid and resourceVersion`);
    const path = pathOf(kind, namespace, name);
    const old = this.#objects.get(path);
    if (old?.metadata.uid !== uid || old.metadata.resourceVersion !== resourceVersion) throw refusal("Conflict", path);
    return this.#change(path, old, next(old));
  }

  // Identity, age and deletion are the server's; a change that changes nothing is not a write; the last finalizer takes a deleted object along.
  #change(path: string, old: Stored, wanted: Stored): Stored {
    const { uid, resourceVersion, creationTimestamp, generation = 1, deletionTimestamp } = old.metadata;
    const kept = { uid, resourceVersion, creationTimestamp, generation, ...(deletionTimestamp ? { deletionTimestamp } : {}) };
    const next = plain({ ...wanted, metadata: { ...wanted.metadata, ...kept } });
    if (isDeepStrictEqual(next, old)) return old;
    if (deletionTimestamp && !next.metadata.finalizers?.length) return this.#store("DELETED", path, next);
    const moved = isDeepStrictEqual(next.spec, old.spec) ? generation : generation + 1;
    return this.#store("MODIFIED", path, { ...next, metadata: { ...next.metadata, generation: moved } });
  }

  #store(type: Change["type"], path: string, object: Stored): Stored {
    if (object.kind === "Lease") checkLease(path, object);
    const stored = plain({ ...object, metadata: { ...object.metadata, resourceVersion: String(++this.#version) } });
    if (type === "DELETED") this.#objects.delete(path);
    else this.#objects.set(path, stored);
    this.#changes.push({ type, object: stored });
    this.#wake.resolve();
    this.#wake = Promise.withResolvers<void>();
    return stored;
  }
}

function refusal(reason: KubeErrorReason, path: string): KubeError {
  const status = STATUS[reason];
  return new KubeError(reason, `${reason}: ${path}`, status === undefined ? {} : { status });
}

function checkLease(path: string, { spec = {} }: Stored): void {
  const { acquireTime, renewTime, leaseDurationSeconds = 1, leaseTransitions = 0 } = spec;
  for (const time of [acquireTime, renewTime]) if (time !== undefined && !(typeof time === "string" && MICRO_TIME.test(time))) throw refusal("BadRequest", path);
  if (Number(leaseDurationSeconds) <= 0 || Number(leaseTransitions) < 0) throw refusal("Invalid", path);
}

// As it would come back over the wire: undefined is absent, and nobody shares the value with the caller.
function plain<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}

function merged(old: unknown, patch: unknown): unknown {
  if (!isRecord(patch)) return patch;
  const next: Record<string, unknown> = isRecord(old) ? { ...old } : {};
  for (const [field, value] of Object.entries(patch)) next[field] = value === null ? undefined : merged(next[field], value);
  return next;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether an object belongs to a list or watch: selectors by `key=value` and by presence of `key`. */
function selects(kind: KindInfo, { namespace, labelSelector, fieldSelector }: ListQuery, object: Stored): boolean {
  if (object.kind !== kind.kind || object.apiVersion !== apiVersionOf(kind) || (namespace && object.metadata.namespace !== namespace)) return false;
  const valueAt = (dotted: string): unknown => dotted.split(".").reduce<unknown>((at, part) => (isRecord(at) ? at[part] : undefined), object);
  const holds = (term: string, read: (key: string) => unknown): boolean => {
    const [key = "", value] = term.split("=");
    return value === undefined ? read(key) !== undefined : (read(key) ?? "") === value;
  };
  const all = (text: string | undefined, read: (key: string) => unknown): boolean => !text || text.split(",").every((term) => holds(term, read));
  return all(labelSelector, (key) => object.metadata.labels?.[key]) && all(fieldSelector, valueAt);
}

/** The kinds that are read by name from now on, in order. */
export function readsOf(kube: FakeKube): readonly string[] {
  const asked: string[] = [];
  const get = kube.get.bind(kube);
  kube.get = (kind, key) => {
    asked.push(kind.kind);
    return get(kind, key);
  };
  return asked;
}

/** Has `act` happen once, when the next write of that verb about that kind is on its way: what its sender looked at is old by then. */
export function justBefore(kube: FakeKube, verb: "replaceStatus" | "patch" | "delete", kind: KindInfo, act: () => Promise<unknown>): void {
  const send = kube[verb].bind(kube) as (about: KindInfo, ...rest: readonly unknown[]) => Promise<unknown>;
  const first = async (about: KindInfo, ...rest: readonly unknown[]): Promise<unknown> => {
    if (about.kind === kind.kind) {
      Object.assign(kube, { [verb]: send });
      await act();
    }
    return send(about, ...rest);
  };
  Object.assign(kube, { [verb]: first });
}
