import type { ApiContext } from "../context.ts";
import { deleteObject } from "../objects/delete-object.ts";
import { storedMeta } from "../objects/metadata.ts";

/** Deletes everything in a namespace that is on its way out, and the namespace itself once nothing is left. */
export function emptyNamespace(context: ApiContext, name: string): void {
  const { store, resources } = context;
  const namespaces = store.collection("namespaces");
  const namespace = namespaces.get(name);
  if (!namespace || storedMeta(namespace.object).deletionTimestamp === undefined) return;
  let left = 0;
  for (const collection of store.collections()) {
    const resource = resources.findStorage(collection.id);
    if (!resource?.info.namespaced) continue;
    for (const revision of collection.sorted()) {
      const meta = storedMeta(revision.object);
      if (meta.namespace !== name) continue;
      const gone = meta.deletionTimestamp === undefined && deleteObject(context, resource, revision, { uid: meta.uid, dryRun: false }).gone;
      if (!gone) left++;
    }
  }
  if (left > 0) return;
  store.remove(namespaces, name);
}
