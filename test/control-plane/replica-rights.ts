import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft, KubeObject } from "../../src/api/object.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { granted, shipped, without, type PolicyRule, type RbacManifest } from "../support/shipped-rights.ts";
import { REPLICA_USERS } from "./shared.ts";

type Rules = KubeObject & { readonly rules: readonly PolicyRule[] };

const RBAC = { group: "rbac.authorization.k8s.io", version: "v1" };
const ROLE: KindInfo<Rules> = { ...RBAC, kind: "Role", plural: "roles", namespaced: true };
const KINDS: Readonly<Record<string, KindInfo>> = {
  Role: ROLE,
  RoleBinding: { ...RBAC, kind: "RoleBinding", plural: "rolebindings", namespaced: true },
  ClusterRole: { ...RBAC, kind: "ClusterRole", plural: "clusterroles", namespaced: false },
  ClusterRoleBinding: { ...RBAC, kind: "ClusterRoleBinding", plural: "clusterrolebindings", namespaced: false },
};
/** How long the authorizer may take to learn of a change. */
const KNOWN_WITHIN_MS = 10_000;
const SUBJECTS = REPLICA_USERS.map((name) => ({ kind: "User", apiGroup: RBAC.group, name }));

/** The rights of deploy/rbac.yaml, given to the replica users by an admin. */
export class ReplicaRights {
  readonly #admin: KubeClient;
  /** A client of any of the users: they have the same rights. */
  readonly #replica: KubeClient;
  readonly #granted = new Map<string, Promise<void>>();

  constructor(admin: KubeClient, replica: KubeClient) {
    this.#admin = admin;
    this.#replica = replica;
  }

  /** Grants what is shipped, for this namespace, as it is shipped but for namespace and subjects. Once: what was withdrawn since stays withdrawn. */
  grant(namespace: string): Promise<void> {
    const before = this.#granted.get(namespace);
    if (before) return before;
    const granting = this.#grant(namespace);
    this.#granted.set(namespace, granting);
    return granting;
  }

  async #grant(namespace: string): Promise<void> {
    for (const manifest of [shipped("Role"), shipped("RoleBinding"), shipped("ClusterRole"), shipped("ClusterRoleBinding")]) await this.#apply(manifest, namespace);
    // The authorizer learns of them by watches of its own.
    for (const right of granted(shipped("Role").rules)) await this.#until(right, namespace, true);
    for (const right of granted(shipped("ClusterRole").rules)) await this.#until(right, undefined, true);
  }

  /** Takes one right of the Role away; the answer gives it back. */
  async withdraw(namespace: string, right: string): Promise<() => Promise<void>> {
    const rules = shipped("Role").rules ?? [];
    await this.#setRules(namespace, without(rules, right));
    await this.#until(right, namespace, false);
    return async () => {
      await this.#setRules(namespace, rules);
      await this.#until(right, namespace, true);
    };
  }

  async #apply(manifest: RbacManifest, namespace: string): Promise<void> {
    const kind = KINDS[manifest.kind];
    if (!kind) throw new TypeError(`${manifest.kind} grants nothing`);
    // The shipped binding of the whole cluster stays free for whoever applies the manifests as they are.
    const metadata = kind.namespaced ? { name: manifest.metadata.name, namespace } : { name: `${manifest.metadata.name}${manifest.subjects ? "-of-tests" : ""}` };
    const draft: Draft<KubeObject> = { ...manifest, metadata, ...(manifest.subjects ? { subjects: SUBJECTS } : {}) };
    try {
      await this.#admin.create(kind, draft);
    } catch (error) {
      if (!isKubeError(error, "AlreadyExists")) throw error;
    }
  }

  async #setRules(namespace: string, rules: readonly PolicyRule[]): Promise<void> {
    const role = await this.#admin.get(ROLE, { namespace, name: shipped("Role").metadata.name });
    if (!role) throw new Error(`no Role in ${namespace}`);
    await this.#admin.replace(ROLE, { ...role, rules });
  }

  async #until(right: string, namespace: string | undefined, allowed: boolean): Promise<void> {
    const endMs = systemClock.monotonic() + KNOWN_WITHIN_MS;
    while ((await this.#allowed(right, namespace)) !== allowed) {
      if (systemClock.monotonic() > endMs) throw new Error(`${right} in ${namespace ?? "the cluster"} did not become ${String(allowed)}`);
      await systemClock.sleep(10);
    }
  }

  async #allowed(right: string, namespace: string | undefined): Promise<boolean> {
    const [verb = "", full = ""] = right.split(" ");
    const [name = "", subresource] = full.split("/");
    const [resource = "", ...group] = name.split(".");
    const resourceAttributes = { verb, resource, group: group.join("."), ...(namespace ? { namespace } : {}), ...(subresource ? { subresource } : {}) };
    const review = await this.#replica.create(kinds.SelfSubjectAccessReview, { apiVersion: "authorization.k8s.io/v1", kind: "SelfSubjectAccessReview", metadata: { name: "" }, spec: { resourceAttributes } });
    return review.status?.allowed ?? false;
  }
}
