import type { SelfSubjectAccessReview } from "./access-review.ts";
import type { AIAnalysis } from "./ai-analysis.ts";
import type { CustomResourceDefinition } from "./custom-resource-definition.ts";
import type { EffectivenessAssessment } from "./effectiveness-assessment.ts";
import type { Event } from "./event.ts";
import type { Job } from "./job.ts";
import type { KindInfo } from "./kind.ts";
import type { Lease } from "./lease.ts";
import type { Namespace } from "./namespace.ts";
import type { NotificationRequest } from "./notification-request.ts";
import type { KubeObject } from "./object.ts";
import type { Pod } from "./pod.ts";
import type { RemediationApprovalRequest } from "./remediation-approval-request.ts";
import type { RemediationRequest } from "./remediation-request.ts";
import type { RemediationWorkflow } from "./remediation-workflow.ts";
import type { SignalProcessing } from "./signal-processing.ts";
import type { DaemonSet, Deployment, ReplicaSet, StatefulSet } from "./workload.ts";
import type { WorkflowExecution } from "./workflow-execution.ts";

/** The API group of the custom resources. */
export const GROUP = "kubernaut.ai";

/** The version of the custom resources. */
export const VERSION = "v1alpha1";

/** `kubernaut.ai/v1alpha1`. */
export const API_VERSION = "kubernaut.ai/v1alpha1";

function custom<T extends KubeObject>(kind: string, plural: string): KindInfo<T> {
  return { group: GROUP, version: VERSION, kind, plural, namespaced: true };
}

function builtIn<T extends KubeObject>(group: string, kind: string, plural: string, scope: "Namespaced" | "Cluster" = "Namespaced"): KindInfo<T> {
  return { group, version: "v1", kind, plural, namespaced: scope === "Namespaced" };
}

/** Every kind that this program reads or writes, tied to the type of its objects. */
export const kinds = {
  RemediationRequest: custom<RemediationRequest>("RemediationRequest", "remediationrequests"),
  SignalProcessing: custom<SignalProcessing>("SignalProcessing", "signalprocessings"),
  AIAnalysis: custom<AIAnalysis>("AIAnalysis", "aianalyses"),
  RemediationApprovalRequest: custom<RemediationApprovalRequest>("RemediationApprovalRequest", "remediationapprovalrequests"),
  WorkflowExecution: custom<WorkflowExecution>("WorkflowExecution", "workflowexecutions"),
  EffectivenessAssessment: custom<EffectivenessAssessment>("EffectivenessAssessment", "effectivenessassessments"),
  NotificationRequest: custom<NotificationRequest>("NotificationRequest", "notificationrequests"),
  RemediationWorkflow: custom<RemediationWorkflow>("RemediationWorkflow", "remediationworkflows"),
  Lease: builtIn<Lease>("coordination.k8s.io", "Lease", "leases"),
  Job: builtIn<Job>("batch", "Job", "jobs"),
  Pod: builtIn<Pod>("", "Pod", "pods"),
  Event: builtIn<Event>("", "Event", "events"),
  Namespace: builtIn<Namespace>("", "Namespace", "namespaces", "Cluster"),
  Node: builtIn("", "Node", "nodes", "Cluster"),
  Service: builtIn("", "Service", "services"),
  ConfigMap: builtIn("", "ConfigMap", "configmaps"),
  PersistentVolumeClaim: builtIn("", "PersistentVolumeClaim", "persistentvolumeclaims"),
  PersistentVolume: builtIn("", "PersistentVolume", "persistentvolumes", "Cluster"),
  Deployment: builtIn<Deployment>("apps", "Deployment", "deployments"),
  StatefulSet: builtIn<StatefulSet>("apps", "StatefulSet", "statefulsets"),
  DaemonSet: builtIn<DaemonSet>("apps", "DaemonSet", "daemonsets"),
  ReplicaSet: builtIn<ReplicaSet>("apps", "ReplicaSet", "replicasets"),
  CronJob: builtIn("batch", "CronJob", "cronjobs"),
  HorizontalPodAutoscaler: { ...builtIn("autoscaling", "HorizontalPodAutoscaler", "horizontalpodautoscalers"), version: "v2" },
  PodDisruptionBudget: builtIn("policy", "PodDisruptionBudget", "poddisruptionbudgets"),
  CustomResourceDefinition: builtIn<CustomResourceDefinition>("apiextensions.k8s.io", "CustomResourceDefinition", "customresourcedefinitions", "Cluster"),
  SelfSubjectAccessReview: builtIn<SelfSubjectAccessReview>("authorization.k8s.io", "SelfSubjectAccessReview", "selfsubjectaccessreviews", "Cluster"),
} as const;

/** What a target may be: every kind whose labels and health are read, and no other. deploy/rbac.yaml lets us read these. */
export const TARGET_KINDS: readonly KindInfo[] = [
  kinds.Deployment,
  kinds.StatefulSet,
  kinds.DaemonSet,
  kinds.ReplicaSet,
  kinds.Job,
  kinds.CronJob,
  kinds.Pod,
  kinds.Node,
  kinds.Namespace,
  kinds.Service,
  kinds.PersistentVolume,
  kinds.PersistentVolumeClaim,
  kinds.HorizontalPodAutoscaler,
  kinds.PodDisruptionBudget,
];

/** The kind of a target resource; undefined when it is none that targets may be of, or is one in another API group than the target names. */
export function kindOfTarget(target: { readonly kind: string; readonly apiVersion?: string }): KindInfo | undefined {
  const known = TARGET_KINDS.find(({ kind }) => kind === target.kind);
  if (!known || !target.apiVersion) return known;
  const slash = target.apiVersion.indexOf("/");
  return known.group === target.apiVersion.slice(0, Math.max(0, slash)) ? known : undefined;
}
