import type { OwnerReference } from "../../api/object.ts";
import { storedMeta } from "../objects/metadata.ts";
import type { Change } from "../store/collection.ts";

/** Where an object lies in the store. */
export interface Place {
  readonly collection: string;
  readonly key: string;
}

const NOBODY: ReadonlySet<string> = new Set();

/** Who exists and who says that it is owned by whom, by uid, as of the latest change. */
export class OwnerGraph {
  readonly #places = new Map<string, Place>();
  readonly #dependents = new Map<string, Set<string>>();

  /** Takes a change in. Returns the uid it is about and that object's owners before and after. */
  apply({ type, collection, key, revision, previous }: Change): { readonly uid: string; readonly before: readonly OwnerReference[]; readonly after: readonly OwnerReference[] } {
    const { uid, ownerReferences = [] } = storedMeta(revision.object);
    const before = (previous && storedMeta(previous.object).ownerReferences) ?? [];
    const after = type === "DELETED" ? [] : ownerReferences;
    if (type === "DELETED") this.#places.delete(uid);
    else if (type === "ADDED") this.#places.set(uid, { collection, key });
    for (const owner of before) this.#dependents.get(owner.uid)?.delete(uid);
    for (const owner of after) this.#dependentsOf(owner.uid).add(uid);
    for (const owner of before) if (this.#dependents.get(owner.uid)?.size === 0) this.#dependents.delete(owner.uid);
    return { uid, before, after };
  }

  /** Undefined when no such object exists. */
  placeOf(uid: string): Place | undefined {
    return this.#places.get(uid);
  }

  /** Whether an owner exists where one of the object at `key` may be: in its namespace, or in none. */
  isNear(owner: string, key: string): boolean {
    const place = this.#places.get(owner);
    return place !== undefined && (!place.key.includes("/") || namespaceOf(place.key) === namespaceOf(key));
  }

  dependentsOf(uid: string): ReadonlySet<string> {
    return this.#dependents.get(uid) ?? NOBODY;
  }

  #dependentsOf(uid: string): Set<string> {
    let dependents = this.#dependents.get(uid);
    if (!dependents) {
      dependents = new Set();
      this.#dependents.set(uid, dependents);
    }
    return dependents;
  }
}

function namespaceOf(key: string): string {
  return key.slice(0, Math.max(0, key.indexOf("/")));
}
