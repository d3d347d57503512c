import { hasRight } from "./access.ts";
import type { KindInfo } from "./api/kind.ts";
import { kinds } from "./api/kinds.ts";
import type { Config } from "./config.ts";
import { isKubeError } from "./kube/kube-error.ts";
import type { KubeClient } from "./kube/ports.ts";
import { missingRightsText } from "./missing-rights.ts";
import { CHILDREN, neededRights, type Right } from "./needed-rights.ts";

/** The cluster is not ready for a replica: the message says, line by line, what is missing and what to apply. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

const APPLY_CRDS = "apply the CRDs: `ro crds | kubectl apply --server-side -f -`";
const APPLY_RBAC = "apply the rights: `kubectl apply --server-side -f deploy/rbac.yaml`, or bind its Role to this user";

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
  const missing = await lacking(needed, (kind) => isServed(client, kind, config.namespace));
  return missing.map(({ plural, group }) => `${plural}.${group}`);
}

/** Asked of one name, which need not exist: of a namespace with thousands of objects nothing is read that the caches will list anyway. */
async function isServed(client: KubeClient, kind: KindInfo, namespace: string): Promise<boolean> {
  try {
    await client.list(kind, { namespace, fieldSelector: "metadata.name=is-it-served" });
    return true;
  } catch (error) {
    if (isKubeError(error, "NotFound")) return false;
    // Served, it seems; rights are looked at by themselves.
    if (isKubeError(error, "Forbidden")) return true;
    throw error;
  }
}

function missingRights({ namespace, workers }: Config, client: KubeClient): Promise<readonly Right[]> {
  return lacking(neededRights(workers), (right) => hasRight(client, right, namespace));
}

/** Those that are not there, in the given order; asked of all at once. */
async function lacking<T>(needed: readonly T[], isThere: (one: T) => Promise<boolean>): Promise<readonly T[]> {
  const there = await Promise.all(needed.map(isThere));
  return needed.filter((_, at) => !there[at]);
}
