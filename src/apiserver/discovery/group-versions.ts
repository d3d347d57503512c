import type { JsonObject, ResourceInfo } from "../ports.ts";

/** The kinds of one group in one version. */
export interface GroupVersion {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  /** `group/version`, or the bare version of the core group. */
  readonly name: string;
  /** `api/v1` or `apis/group/version`. */
  readonly path: string;
  readonly resources: readonly ResourceInfo[];
}

const VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"] as const;
/** Kinds that are answered by their creation and never stored. */
const REVIEWS = /review$/i;

/** The groups and versions that the kinds belong to, in the order in which they were registered. */
export function groupVersions(resources: readonly ResourceInfo[]): readonly GroupVersion[] {
  const found = new Map<string, ResourceInfo[]>();
  for (const resource of resources) {
    const key = `${resource.group}/${resource.version}`;
    found.set(key, [...(found.get(key) ?? []), resource]);
  }
  return [...found.values()].flatMap((members) => {
    const [first] = members;
    if (!first) return [];
    const { group, version } = first;
    return [{ group, version, name: group ? `${group}/${version}` : version, path: group ? `apis/${group}/${version}` : `api/${version}`, resources: members }];
  });
}

/** What may be done with a kind. */
export function verbsOf(resource: ResourceInfo): readonly string[] {
  return REVIEWS.test(resource.kind) ? ["create"] : VERBS;
}

/** A subresource: the Kind that it takes, of another group where that is named, and its verbs. */
export interface Subresource {
  readonly name: string;
  readonly kind: string;
  readonly of?: { readonly group: string; readonly version: string };
  readonly verbs: readonly string[];
}

const READ_WRITE = ["get", "patch", "update"];

export function subresourcesOf(resource: ResourceInfo): readonly Subresource[] {
  const isPod = resource.group === "" && resource.plural === "pods";
  return [
    ...(resource.scalable ? [{ name: "scale", kind: "Scale", of: { group: "autoscaling", version: "v1" }, verbs: READ_WRITE }] : []),
    ...(resource.statusSubresource ? [{ name: "status", kind: resource.kind, verbs: READ_WRITE }] : []),
    ...(isPod ? [{ name: "binding", kind: "Binding", verbs: ["create"] }, { name: "log", kind: "Pod", verbs: ["get"] }] : []),
  ];
}

/** The entries of an APIResourceList. */
export function resourceEntries({ resources }: GroupVersion): readonly JsonObject[] {
  return resources.flatMap((resource) => [
    {
      name: resource.plural,
      singularName: resource.singular,
      namespaced: resource.namespaced,
      kind: resource.kind,
      verbs: verbsOf(resource),
      ...(resource.shortNames.length > 0 ? { shortNames: resource.shortNames } : {}),
      ...(resource.categories.length > 0 ? { categories: resource.categories } : {}),
    },
    ...subresourcesOf(resource).map(({ name, kind, of, verbs }) => ({ name: `${resource.plural}/${name}`, singularName: "", namespaced: resource.namespaced, ...of, kind, verbs })),
  ]);
}
