import { hasRight } from "./access.ts";
import { kinds } from "./api/kinds.ts";
import type { Config } from "./config.ts";
import { isKubeError } from "./kube/kube-error.ts";
import type { KubeClient } from "./kube/ports.ts";
import { CHILDREN, neededRights, rightName } from "./needed-rights.ts";

/** The cluster is not ready for a replica: each line of the message says what is missing and what to apply. */
export class StartupError extends Error {
  override readonly name = "StartupError";
}

const APPLY_CRDS = "apply the CRDs: `ro crds | kubectl apply --server-side -f -`";
const APPLY_RBAC = "apply deploy/rbac.yaml, or bind its Role to this user";

/** Throws StartupError unless namespace, CRDs and rights are there. It fails closed: what can not be found out counts as missing. */
export async function checkStartup(config: Config, client: KubeClient): Promise<void> {
  const problems = [...(await missingCrds(config, client)), ...(await missingRights(config, client))];
  const namespace = await missingNamespace(config, client);
  if (namespace) problems.unshift(namespace);
  if (problems.length > 0) throw new StartupError(problems.join("\n"));
}

async function missingNamespace({ namespace }: Config, client: KubeClient): Promise<string | undefined> {
  try {
    return (await client.get(kinds.Namespace, { name: namespace })) ? undefined : `namespace ${namespace} does not exist: create it with \`kubectl create namespace ${namespace}\``;
  } catch (error) {
    if (!isKubeError(error, "Forbidden")) throw error;
    return `namespaces can not be read: ${APPLY_RBAC}`;
  }
}

async function missingCrds(config: Config, client: KubeClient): Promise<readonly string[]> {
  const needed = [kinds.RemediationRequest, ...CHILDREN, ...(config.workers.includes("analysis") ? [kinds.RemediationWorkflow] : [])];
  const missing: string[] = [];
  for (const kind of needed) {
    try {
      await client.list(kind, { namespace: config.namespace });
    } catch (error) {
      if (isKubeError(error, "NotFound")) missing.push(`${kind.plural}.${kind.group} is not served: ${APPLY_CRDS}`);
      else if (!isKubeError(error, "Forbidden")) throw error;
    }
  }
  return missing;
}

async function missingRights({ namespace, workers }: Config, client: KubeClient): Promise<readonly string[]> {
  const asked = await Promise.all(neededRights(workers).map(async (right) => ({ right, allowed: await hasRight(client, right, namespace) })));
  return asked.filter(({ allowed }) => !allowed).map(({ right }) => `may not ${rightName(right)} in ${namespace}: ${APPLY_RBAC}`);
}
