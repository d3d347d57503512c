import type { ApiContext } from "../context.ts";
import { forbidden, notFound } from "../status-error.ts";
import { storedMeta } from "./metadata.ts";
import type { ServedResource } from "./served-resource.ts";

/** Nothing is created in a namespace that is not there (StatusError 404) or on its way out (403). */
export function assertNamespaceOpen(context: ApiContext, resource: ServedResource, namespace: string, name: string): void {
  const revision = context.store.collection("namespaces").get(namespace);
  if (!revision) throw notFound({ group: "", plural: "namespaces" }, namespace);
  if (storedMeta(revision.object).deletionTimestamp === undefined) return;
  throw forbidden(resource.info, name, `unable to create new content in namespace ${namespace} because it is being terminated`, {
    causes: [{ reason: "NamespaceTerminating", message: `namespace ${namespace} is being terminated`, field: "metadata.namespace" }],
  });
}
