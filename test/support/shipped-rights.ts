import { readFileSync } from "node:fs";
import { loadAll } from "js-yaml";

/** One rule of a Role or ClusterRole. */
export interface PolicyRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

/** A document of deploy/rbac.yaml. */
export interface RbacManifest {
  readonly apiVersion: string;
  readonly kind: "ServiceAccount" | "Role" | "RoleBinding" | "ClusterRole" | "ClusterRoleBinding";
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly PolicyRule[];
  readonly roleRef?: object;
  readonly subjects?: readonly object[];
}

/** The document of that kind in deploy/rbac.yaml. Throws unless there is exactly one. */
export function shipped(kind: RbacManifest["kind"]): RbacManifest {
  // What the file holds is what the tests look at.
  const all = loadAll(readFileSync(new URL("../../deploy/rbac.yaml", import.meta.url), "utf8")) as RbacManifest[];
  const [manifest, ...others] = all.filter((document) => document.kind === kind);
  if (!manifest || others.length > 0) throw new Error(`deploy/rbac.yaml does not hold one ${kind}`);
  return manifest;
}

/** Every right that rules grant, as `kubectl auth can-i` takes it: `create leases.coordination.k8s.io`. */
export function granted(rules: readonly PolicyRule[] = []): readonly string[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) => apiGroups.flatMap((group) => resources.flatMap((resource) => verbs.map((verb) => named(verb, group, resource)))));
}

/** A right by its parts; `resource` with its subresource, as in a rule. */
export function named(verb: string, group: string, resource: string): string {
  const [plural = "", subresource] = resource.split("/");
  return `${verb} ${plural}${group ? `.${group}` : ""}${subresource ? `/${subresource}` : ""}`;
}

/** The rules without one right. */
export function without(rules: readonly PolicyRule[], right: string): readonly PolicyRule[] {
  return rules.flatMap(({ apiGroups, resources, verbs }) =>
    apiGroups.flatMap((group) => resources.map((resource) => ({ apiGroups: [group], resources: [resource], verbs: verbs.filter((verb) => named(verb, group, resource) !== right) }))),
  ).filter(({ verbs }) => verbs.length > 0);
}
