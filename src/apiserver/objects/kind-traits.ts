import type { ResourceInfo } from "../ports.ts";

/** How the API treats objects of a kind, beyond what its schema says. */
export interface KindTraits {
  /** A PUT to a name that is not there creates it. */
  readonly createOnUpdate: boolean;
  /** A PUT without resourceVersion overwrites. */
  readonly unconditionalUpdate: boolean;
  /** metadata.generation is kept. */
  readonly generation: boolean;
  /** DELETE answers with the object instead of a Status. */
  readonly returnsDeleted: boolean;
  readonly nameRule: "subdomain" | "label" | "path-segment";
}

const PLAIN: KindTraits = { createOnUpdate: false, unconditionalUpdate: true, generation: false, returnsDeleted: false, nameRule: "subdomain" };
const CUSTOM: KindTraits = { ...PLAIN, unconditionalUpdate: false, generation: true };
const WORKLOAD: KindTraits = { ...PLAIN, generation: true };
const RBAC: KindTraits = { ...PLAIN, createOnUpdate: true, nameRule: "path-segment" };

// As the registry strategies of kube-apiserver 1.37 have them.
const BUILT_IN: Readonly<Record<string, KindTraits>> = {
  "coordination.k8s.io/Lease": { ...PLAIN, createOnUpdate: true, unconditionalUpdate: false },
  "/Event": { ...PLAIN, createOnUpdate: true },
  "events.k8s.io/Event": { ...PLAIN, createOnUpdate: true },
  "/Namespace": { ...PLAIN, returnsDeleted: true, nameRule: "label" },
  "/Pod": { ...WORKLOAD, returnsDeleted: true },
  "/ServiceAccount": { ...PLAIN, returnsDeleted: true },
  "/Service": { ...PLAIN, createOnUpdate: true, returnsDeleted: true, nameRule: "label" },
  "/PersistentVolume": { ...PLAIN, returnsDeleted: true },
  "/PersistentVolumeClaim": { ...PLAIN, returnsDeleted: true },
  "batch/Job": WORKLOAD,
  "batch/CronJob": WORKLOAD,
  "apps/Deployment": WORKLOAD,
  "apps/StatefulSet": WORKLOAD,
  "apps/DaemonSet": WORKLOAD,
  "apps/ReplicaSet": WORKLOAD,
  "policy/PodDisruptionBudget": WORKLOAD,
  "apiextensions.k8s.io/CustomResourceDefinition": CUSTOM,
  "flowcontrol.apiserver.k8s.io/FlowSchema": CUSTOM,
  "flowcontrol.apiserver.k8s.io/PriorityLevelConfiguration": CUSTOM,
  "rbac.authorization.k8s.io/Role": RBAC,
  "rbac.authorization.k8s.io/RoleBinding": RBAC,
  "rbac.authorization.k8s.io/ClusterRole": RBAC,
  "rbac.authorization.k8s.io/ClusterRoleBinding": RBAC,
};

/** The traits of a kind; those of a custom resource unless it is built in. */
export function traitsOf({ group, kind, strategicMerge }: ResourceInfo): KindTraits {
  return BUILT_IN[`${group}/${kind}`] ?? (strategicMerge ? PLAIN : CUSTOM);
}
