import type { KindInfo } from "./api/kind.ts";
import { kinds } from "./api/kinds.ts";
import type { Config, WorkerName } from "./config.ts";
import { isKubeError } from "./kube/kube-error.ts";
import type { KubeClient } from "./kube/ports.ts";
import { missingRightsText } from "./missing-rights.ts";

/** The cluster is not ready for a replica: the message says, line by line, what is missing and what to apply. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

/** One right that a replica needs in its namespace. */
export interface NeededRight {
  readonly verb: string;
  readonly kind: KindInfo;
  readonly subresource?: "status";
}

const APPLY_CRDS = "apply the CRDs: `ro crds | kubectl apply --server-side -f -`";
const APPLY_RBAC = "apply the rights: `kubectl apply --server-side -f deploy/rbac.yaml`, or bind its Role to this user";

const WORKER_KINDS: Readonly<Record<WorkerName, KindInfo>> = {
  "signal-processing": kinds.SignalProcessing,
  analysis: kinds.AIAnalysis,
  execution: kinds.WorkflowExecution,
  verification: kinds.EffectivenessAssessment,
  notification: kinds.NotificationRequest,
};

const CHILDREN: readonly KindInfo[] = [kinds.SignalProcessing, kinds.AIAnalysis, kinds.WorkflowExecution, kinds.EffectivenessAssessment, kinds.NotificationRequest];

/** The rights that a replica with these workers uses in its namespace: exactly those. */
export function neededRights(workers: readonly WorkerName[]): readonly NeededRight[] {
  const all = (kind: KindInfo, verbs: readonly string[]): readonly NeededRight[] => verbs.map((verb) => ({ verb, kind }));
  const status = (kind: KindInfo): NeededRight => ({ verb: "update", kind, subresource: "status" });
  return [
    ...all(kinds.RemediationRequest, ["get", "list", "watch", "delete"]),
    status(kinds.RemediationRequest),
    ...CHILDREN.flatMap((kind) => all(kind, ["get", "list", "watch", "create"])),
    ...all(kinds.WorkflowExecution, ["delete"]),
    ...all(kinds.Lease, ["get", "list", "watch", "create", "update", "delete"]),
    ...all(kinds.Event, ["create"]),
    ...workers.map((worker) => status(WORKER_KINDS[worker])),
    ...(workers.includes("analysis") ? all(kinds.RemediationWorkflow, ["list", "watch"]) : []),
    ...(workers.includes("execution") ? [...all(kinds.WorkflowExecution, ["patch"]), ...all(kinds.Job, ["get", "list", "watch", "create", "patch", "delete"]), ...all(kinds.Pod, ["list"])] : []),
  ];
}

/** Throws StartupError unless namespace, CRDs and rights are there. It fails closed: what can not be found out counts as missing. */
export async function checkStartup(config: Config, client: KubeClient): Promise<void> {
  const { namespace } = config;
  const crds = await missingCrds(config, client);
  const rights = await missingRights(config, client);
  const seen = await lookForNamespace(config, client);
  const problems = [
    ...(seen === "missing" ? [`namespace ${namespace} does not exist: create it: \`kubectl create namespace ${namespace}\``] : []),
    ...(crds.length > 0 ? [`not served: ${crds.join(", ")}: ${APPLY_CRDS}`] : []),
    ...missingRightsText(seen === "hidden" ? [{ verb: "get", kind: kinds.Namespace }, ...rights] : rights, namespace, APPLY_RBAC),
  ];
  if (problems.length > 0) throw new StartupError(problems.join("\n"));
}

async function lookForNamespace({ namespace }: Config, client: KubeClient): Promise<"there" | "missing" | "hidden"> {
  try {
    return (await client.get(kinds.Namespace, { name: namespace })) ? "there" : "missing";
  } catch (error) {
    if (!isKubeError(error, "Forbidden")) throw error;
    return "hidden";
  }
}

async function missingCrds(config: Config, client: KubeClient): Promise<readonly string[]> {
  const needed = [kinds.RemediationRequest, ...CHILDREN, ...(config.workers.includes("analysis") ? [kinds.RemediationWorkflow] : [])];
  const missing: string[] = [];
  for (const kind of needed) {
    try {
      await client.list(kind, { namespace: config.namespace });
    } catch (error) {
      if (isKubeError(error, "NotFound")) missing.push(`${kind.plural}.${kind.group}`);
      else if (!isKubeError(error, "Forbidden")) throw error;
    }
  }
  return missing;
}

async function missingRights(config: Config, client: KubeClient): Promise<readonly NeededRight[]> {
  const asked = await Promise.all(neededRights(config.workers).map(async (right) => ({ right, allowed: await isAllowed(config.namespace, right, client) })));
  return asked.filter(({ allowed }) => !allowed).map(({ right }) => right);
}

async function isAllowed(namespace: string, { verb, kind, subresource }: NeededRight, client: KubeClient): Promise<boolean> {
  const answer = await client.create(kinds.SelfSubjectAccessReview, {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    metadata: { name: "" },
    spec: { resourceAttributes: { namespace, verb, group: kind.group, resource: kind.plural, ...(subresource ? { subresource } : {}) } },
  });
  return answer.status?.allowed ?? false;
}
