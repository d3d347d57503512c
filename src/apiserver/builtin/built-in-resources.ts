import type { ResourceInfo, ResourceSchema } from "../ports.ts";
import { BUILT_IN_COLUMNS } from "./columns.ts";
import { jobSchema } from "./job-schema.ts";
import { leaseSchema } from "./lease-schema.ts";
import { podSchema } from "./pod-schema.ts";
import { topLevelSchema } from "./top-level-schema.ts";

interface Row {
  readonly kind: string;
  readonly plural: string;
  readonly cluster?: true;
  readonly status?: true;
  readonly scalable?: true;
  readonly shortNames?: readonly string[];
  readonly all?: true;
  readonly fields?: readonly string[];
  /** Fields besides metadata. Default: spec, and status where it is a subresource. */
  readonly top?: readonly string[];
  readonly schema?: ResourceSchema;
}

const EVENT_FIELDS = ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion", "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"];

const EVENT_TOP = ["involvedObject", "reason", "message", "source", "firstTimestamp", "lastTimestamp", "count", "type", "eventTime", "series", "action", "related", "reportingComponent", "reportingInstance"];
const EVENTS_TOP = ["regarding", "reason", "note", "deprecatedSource", "deprecatedFirstTimestamp", "deprecatedLastTimestamp", "deprecatedCount", "type", "eventTime", "series", "action", "related", "reportingController", "reportingInstance"];

const KINDS: Readonly<Record<string, readonly Row[]>> = {
  "/v1": [
    { kind: "Namespace", plural: "namespaces", cluster: true, status: true, shortNames: ["ns"], fields: ["status.phase"] },
    { kind: "Node", plural: "nodes", cluster: true, status: true, shortNames: ["no"], fields: ["spec.unschedulable"] },
    { kind: "Pod", plural: "pods", status: true, shortNames: ["po"], all: true, fields: ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork", "status.phase", "status.podIP", "status.nominatedNodeName"], schema: podSchema },
    { kind: "Service", plural: "services", status: true, shortNames: ["svc"], all: true, fields: ["spec.clusterIP", "spec.type"] },
    { kind: "ConfigMap", plural: "configmaps", shortNames: ["cm"], top: ["data", "binaryData", "immutable"] },
    { kind: "Secret", plural: "secrets", fields: ["type"], top: ["data", "stringData", "type", "immutable"] },
    { kind: "ServiceAccount", plural: "serviceaccounts", shortNames: ["sa"], top: ["secrets", "imagePullSecrets", "automountServiceAccountToken"] },
    { kind: "PersistentVolume", plural: "persistentvolumes", cluster: true, status: true, shortNames: ["pv"] },
    { kind: "PersistentVolumeClaim", plural: "persistentvolumeclaims", status: true, shortNames: ["pvc"] },
    { kind: "Event", plural: "events", shortNames: ["ev"], fields: EVENT_FIELDS, top: EVENT_TOP },
  ],
  "events.k8s.io/v1": [{ kind: "Event", plural: "events", shortNames: ["ev"], fields: ["reason", "reportingController", "type", ...EVENT_FIELDS.slice(0, 7).map((field) => field.replace("involvedObject", "regarding"))], top: EVENTS_TOP }],
  "coordination.k8s.io/v1": [{ kind: "Lease", plural: "leases", schema: leaseSchema }],
  "batch/v1": [
    { kind: "Job", plural: "jobs", status: true, all: true, fields: ["status.successful"], schema: jobSchema },
    { kind: "CronJob", plural: "cronjobs", status: true, shortNames: ["cj"], all: true },
  ],
  "apps/v1": [
    { kind: "Deployment", plural: "deployments", status: true, scalable: true, shortNames: ["deploy"], all: true },
    { kind: "StatefulSet", plural: "statefulsets", status: true, scalable: true, shortNames: ["sts"], all: true },
    { kind: "DaemonSet", plural: "daemonsets", status: true, shortNames: ["ds"], all: true },
    { kind: "ReplicaSet", plural: "replicasets", status: true, scalable: true, shortNames: ["rs"], all: true },
  ],
  "autoscaling/v2": [{ kind: "HorizontalPodAutoscaler", plural: "horizontalpodautoscalers", status: true, shortNames: ["hpa"], all: true }],
  "policy/v1": [{ kind: "PodDisruptionBudget", plural: "poddisruptionbudgets", status: true, shortNames: ["pdb"] }],
  "apiextensions.k8s.io/v1": [{ kind: "CustomResourceDefinition", plural: "customresourcedefinitions", cluster: true, status: true, shortNames: ["crd", "crds"] }],
  "rbac.authorization.k8s.io/v1": [
    { kind: "Role", plural: "roles", top: ["rules"] },
    { kind: "RoleBinding", plural: "rolebindings", top: ["subjects", "roleRef"] },
    { kind: "ClusterRole", plural: "clusterroles", cluster: true, top: ["rules", "aggregationRule"] },
    { kind: "ClusterRoleBinding", plural: "clusterrolebindings", cluster: true, top: ["subjects", "roleRef"] },
  ],
  "flowcontrol.apiserver.k8s.io/v1": [
    { kind: "FlowSchema", plural: "flowschemas", cluster: true, status: true },
    { kind: "PriorityLevelConfiguration", plural: "prioritylevelconfigurations", cluster: true, status: true },
  ],
  "authorization.k8s.io/v1": [{ kind: "SelfSubjectAccessReview", plural: "selfsubjectaccessreviews", cluster: true }],
};

/** The built-in kinds that this server knows. Leases have a closed schema; of the rest only the fields at the top are known, and of Jobs and Pods what is said in their files. */
export function builtInResources(): readonly ResourceInfo[] {
  return Object.entries(KINDS).flatMap(([groupVersion, rows]) => rows.map((row) => infoOf(groupVersion, row)));
}

function infoOf(groupVersion: string, { kind, plural, cluster, status, scalable, shortNames = [], all, fields = [], top = ["spec", "status"], schema = topLevelSchema(top) }: Row): ResourceInfo {
  const [group = "", version = ""] = groupVersion.split("/");
  return {
    group,
    version,
    kind,
    plural,
    singular: kind.toLowerCase(),
    shortNames,
    categories: all ? ["all"] : [],
    namespaced: !cluster,
    statusSubresource: status ?? false,
    ...(scalable ? { scalable } : {}),
    selectableFields: fields,
    columns: group === "events.k8s.io" ? [] : (BUILT_IN_COLUMNS[kind] ?? []),
    schema,
    strategicMerge: true,
  };
}
