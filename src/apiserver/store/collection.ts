import type { Revision } from "./revision.ts";

/** What one write did. `DELETED` carries the last state under the version of the deletion. */
export interface Change {
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly collection: string;
  /** `namespace/name`, or the bare name of a cluster-scoped object. */
  readonly key: string;
  readonly revision: Revision;
  readonly previous: Revision | undefined;
}

export type ChangeListener = (change: Change) => void;

/**
 * All objects of one kind, their recent history, and who is told of changes. Only the Store writes to it. History is
 * `historyLimit` changes, at times a tenth more: each holds an object, and no text of it unless a watch of the past asked for it.
 */
export class Collection {
  readonly id: string;
  readonly #historyLimit: number;
  readonly #revisions = new Map<string, Revision>();
  #history: Change[] = [];
  #sorted: readonly Revision[] | undefined;
  // Changes up to and with this version are no longer known.
  #compacted = 0;
  readonly #listeners = new Set<ChangeListener>();

  constructor(id: string, historyLimit: number) {
    this.id = id;
    this.#historyLimit = historyLimit;
  }

  get size(): number {
    return this.#revisions.size;
  }

  get(key: string): Revision | undefined {
    return this.#revisions.get(key);
  }

  /** In order of their keys, as etcd lists them. */
  sorted(): readonly Revision[] {
    this.#sorted ??= [...this.#revisions].sort(byKey).map(([, revision]) => revision);
    return this.#sorted;
  }

  /** The collection as it was right after write `version`; undefined when that is no longer known. */
  sortedAt(version: number): readonly Revision[] | undefined {
    const newest = this.#history.at(-1);
    if (!newest || newest.revision.version <= version) return version < this.#compacted ? undefined : this.sorted();
    if (version < this.#compacted) return undefined;
    const then = new Map(this.#revisions);
    for (let at = this.#history.length - 1; at >= 0; at--) {
      const change = this.#history[at];
      if (!change || change.revision.version <= version) break;
      if (change.previous) then.set(change.key, change.previous);
      else then.delete(change.key);
    }
    return [...then].sort(byKey).map(([, revision]) => revision);
  }

  /** Changes after `version`, oldest first; undefined when some of them are no longer known. */
  changesAfter(version: number): readonly Change[] | undefined {
    if (version < this.#compacted) return undefined;
    let from = this.#history.length;
    while (from > 0 && (this.#history[from - 1]?.revision.version ?? 0) > version) from--;
    return this.#history.slice(from);
  }

  /** The oldest version that a watch may start from. */
  get oldestVersion(): number {
    return this.#compacted;
  }

  apply(change: Change): void {
    if (change.type === "DELETED") this.#revisions.delete(change.key);
    else this.#revisions.set(change.key, change.revision);
    this.#sorted = undefined;
    change.previous?.forgetText();
    this.#history.push(change);
    // In lots, because each time what is kept is copied.
    if (this.#history.length > 1.1 * this.#historyLimit) this.#forget(this.#history.length - this.#historyLimit);
  }

  /** Forgets every change up to and with `version`. */
  compact(version: number): void {
    const kept = this.#history.findIndex((change) => change.revision.version > version);
    this.#forget(kept < 0 ? this.#history.length : kept);
    this.#compacted = Math.max(this.#compacted, version);
  }

  /** Told of every change from now on, in order, before the write returns. Returns the way to stop. */
  subscribe(listener: ChangeListener): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  tell(change: Change): void {
    for (const listener of this.#listeners) listener(change);
  }

  #forget(count: number): void {
    const last = this.#history[count - 1];
    if (!last) return;
    this.#compacted = Math.max(this.#compacted, last.revision.version);
    this.#history = this.#history.slice(count);
  }
}

function byKey([a]: readonly [string, Revision], [b]: readonly [string, Revision]): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
