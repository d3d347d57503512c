import type { KindInfo } from "./api/kind.ts";
import { kinds, TARGET_KINDS } from "./api/kinds.ts";
import type { WorkerName } from "./config.ts";

/** One right, in the words of RBAC. */
export interface Right {
  readonly verb: string;
  readonly kind: KindInfo;
  readonly subresource?: "status" | "finalizers";
}

const WORKER_KINDS: Readonly<Record<WorkerName, KindInfo>> = {
  "signal-processing": kinds.SignalProcessing,
  analysis: kinds.AIAnalysis,
  execution: kinds.WorkflowExecution,
  verification: kinds.EffectivenessAssessment,
  notification: kinds.NotificationRequest,
};

/** What a remediation has of its own. */
export const CHILDREN: readonly KindInfo[] = [kinds.SignalProcessing, kinds.AIAnalysis, kinds.WorkflowExecution, kinds.EffectivenessAssessment, kinds.NotificationRequest];

/** The rights that a replica with these workers uses in its namespace: exactly those, and with all workers exactly the Role of deploy/rbac.yaml. */
export function neededRights(workers: readonly WorkerName[]): readonly Right[] {
  return [
    ...rights(kinds.RemediationRequest, "get", "list", "watch", "delete"),
    status(kinds.RemediationRequest),
    finalizers(kinds.RemediationRequest),
    ...CHILDREN.flatMap((kind) => rights(kind, "get", "list", "watch", "create")),
    ...rights(kinds.WorkflowExecution, "delete"),
    ...rights(kinds.Lease, "get", "list", "watch", "create", "update", "delete"),
    ...rights(kinds.Event, "create"),
    ...workers.map((worker) => status(WORKER_KINDS[worker])),
    ...(workers.includes("analysis") ? rights(kinds.RemediationWorkflow, "list", "watch") : []),
    ...(workers.includes("execution") ? executorRights() : []),
  ];
}

/** Outside its namespace a replica with these workers reads, by name: with all workers exactly the ClusterRole of deploy/rbac.yaml. */
export function clusterRights(workers: readonly WorkerName[]): readonly Right[] {
  const reads = workers.includes("signal-processing") || workers.includes("verification");
  return (reads ? TARGET_KINDS : [kinds.Namespace]).flatMap((kind) => rights(kind, "get"));
}

/** The right as `kubectl auth can-i` takes it: `create leases.coordination.k8s.io`, `update remediationrequests.kubernaut.ai/status`. */
export function rightName(right: Right): string {
  return `${right.verb} ${resourceName(right)}`;
}

/** What the right is about, in the same words. */
export function resourceName({ kind, subresource }: Right): string {
  return `${kind.plural}${kind.group ? `.${kind.group}` : ""}${subresource ? `/${subresource}` : ""}`;
}

function executorRights(): readonly Right[] {
  return [
    ...rights(kinds.WorkflowExecution, "patch"),
    finalizers(kinds.WorkflowExecution),
    ...rights(kinds.Job, "get", "list", "watch", "create", "patch", "delete"),
    ...rights(kinds.Pod, "list"),
  ];
}

function rights(kind: KindInfo, ...verbs: readonly string[]): readonly Right[] {
  return verbs.map((verb) => ({ verb, kind }));
}

function status(kind: KindInfo): Right {
  return { verb: "update", kind, subresource: "status" };
}

/** Asked by the API server, where OwnerReferencesPermissionEnforcement is on, before a child may block its owner's deletion. */
function finalizers(kind: KindInfo): Right {
  return { verb: "update", kind, subresource: "finalizers" };
}
