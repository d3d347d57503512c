import type { KubeObject } from "./object.ts";

/** Ties a Kind to its group, version, plural and scope, and at compile time to the type of its objects. */
export interface KindInfo<T extends KubeObject = KubeObject> {
  /** Empty for the core group. */
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never present: carries T through inference only. */
  readonly example?: T;
}

/** `group/version` as it stands in an object's apiVersion; the bare version for the core group. */
export function apiVersionOf(kind: Pick<KindInfo, "group" | "version">): string {
  return kind.group ? `${kind.group}/${kind.version}` : kind.version;
}

/** The URL path of a kind's collection, or of one object in it. */
export function pathOf(kind: KindInfo, namespace?: string, name?: string): string {
  const root = kind.group ? `/apis/${kind.group}/${kind.version}` : `/api/${kind.version}`;
  const scope = kind.namespaced && namespace ? `/namespaces/${encodeURIComponent(namespace)}` : "";
  return `${root}${scope}/${kind.plural}${name === undefined ? "" : `/${encodeURIComponent(name)}`}`;
}
