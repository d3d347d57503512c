import { readFile } from "node:fs/promises";
import { KubeConfigError, type ConnectionConfig } from "./kubeconfig.ts";

const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

/** What a pod is given by its service account, mounted at `folder`. Throws KubeConfigError outside a cluster. */
export async function inClusterConfig(env: Readonly<Record<string, string | undefined>>, folder = SERVICE_ACCOUNT): Promise<ConnectionConfig> {
  const host = env["KUBERNETES_SERVICE_HOST"];
  const port = env["KUBERNETES_SERVICE_PORT"] ?? "443";
  if (!host) throw new KubeConfigError("no cluster to connect to: give --kubeconfig, set KUBECONFIG, or run in a pod");
  const caPem = await mounted(folder, "ca.crt");
  const namespace = await mounted(folder, "namespace").then((text) => text.trim());
  const server = `https://${host.includes(":") ? `[${host}]` : host}:${port}`;
  return { server, caPem, insecureSkipTlsVerify: false, auth: { kind: "token-file", path: `${folder}/token` }, namespace };
}

async function mounted(folder: string, file: string): Promise<string> {
  return readFile(`${folder}/${file}`, "utf8").catch((error: unknown) => {
    throw new KubeConfigError(`the pod has no service account at ${folder}: set automountServiceAccountToken`, { cause: error });
  });
}
