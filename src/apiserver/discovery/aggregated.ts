import type { JsonObject, ResourceInfo } from "../ports.ts";
import { groupVersions, subresourcesOf, verbsOf, type GroupVersion } from "./group-versions.ts";

/** Everything about the core group, or about all others, in one document (apidiscovery.k8s.io/v2). */
export function aggregatedGroups(resources: readonly ResourceInfo[], core: boolean): JsonObject {
  const groups = new Map<string, GroupVersion[]>();
  for (const version of groupVersions(resources)) {
    if ((version.group === "") === core) groups.set(version.group, [...(groups.get(version.group) ?? []), version]);
  }
  const items = [...groups].map(([name, versions]) => ({
    metadata: { name, creationTimestamp: null },
    versions: versions.map((version) => ({ version: version.version, resources: version.resources.map(entryOf), freshness: "Current" })),
  }));
  return { kind: "APIGroupDiscoveryList", apiVersion: "apidiscovery.k8s.io/v2", metadata: {}, items };
}

function entryOf(resource: ResourceInfo): JsonObject {
  const { group, version } = resource;
  const subresources = subresourcesOf(resource).map(({ name, kind, of, verbs }) => ({ subresource: name, responseKind: { group, version, ...of, kind }, verbs }));
  return {
    resource: resource.plural,
    responseKind: { group, version, kind: resource.kind },
    scope: resource.namespaced ? "Namespaced" : "Cluster",
    singularResource: resource.singular,
    verbs: verbsOf(resource),
    ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
    ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    ...(subresources.length > 0 ? { subresources } : {}),
  };
}
