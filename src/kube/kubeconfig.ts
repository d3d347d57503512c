import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import type { Json } from "../api/object.ts";
import type { ClientCertificate } from "./credentials.ts";
import type { ExecSpec } from "./exec-plugin.ts";
import { KubeConfigError, readKubeConfigFiles, type Cluster, type Entry, type ExecEntry, type User } from "./kubeconfig-files.ts";
import { parseServerUrl } from "./server-url.ts";

export { KubeConfigError };

/** How a user authenticates, as a kubeconfig says it. Files are absolute paths. */
export type UserAuth =
  | { readonly kind: "none" }
  | { readonly kind: "token"; readonly token: string }
  | { readonly kind: "token-file"; readonly path: string }
  | { readonly kind: "exec"; readonly spec: ExecSpec };

/** Where to connect to, and as whom. */
export interface ConnectionConfig {
  readonly server: string;
  readonly caPem?: string;
  readonly insecureSkipTlsVerify: boolean;
  readonly clientCertificate?: ClientCertificate;
  /** The name that the server's certificate must carry, where it is not the host's. */
  readonly serverName?: string;
  readonly auth: UserAuth;
  /** The context's namespace, if it names one. */
  readonly namespace?: string;
}

const EXEC_VERSIONS: readonly string[] = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"];

/** What kubeconfig files say of the context `contextName`, or of the current one. Throws KubeConfigError. */
export async function loadKubeConfig(paths: readonly string[], contextName?: string): Promise<ConnectionConfig> {
  const files = await readKubeConfigFiles(paths);
  const where = files.paths.join(", ");
  const name = contextName ?? files.currentContext;
  if (!name) throw new KubeConfigError(`${where}: no current-context is set: choose one with \`kubectl config use-context\``);
  const context = find(files.contexts, "context", name, where);
  const cluster = find(files.clusters, "cluster", context.value.cluster, where);
  const user = context.value.user ? find(files.users, "user", context.value.user, where) : undefined;
  const caPem = await pem(cluster, "certificate-authority");
  return {
    server: serverOf(cluster, where),
    insecureSkipTlsVerify: cluster.value["insecure-skip-tls-verify"] ?? false,
    ...(caPem ? { caPem } : {}),
    ...(cluster.value["tls-server-name"] ? { serverName: cluster.value["tls-server-name"] } : {}),
    ...(user ? await clientCertificate(user, where) : {}),
    auth: user ? authOf(user, cluster, caPem) : { kind: "none" },
    ...(context.value.namespace ? { namespace: context.value.namespace } : {}),
  };
}

function serverOf({ value }: Cluster, where: string): string {
  if (value["proxy-url"]) throw new KubeConfigError(`${where}: proxy-url is not served: run where the API server can be reached`);
  try {
    const { origin, prefix } = parseServerUrl(value.server);
    return origin + prefix;
  } catch (error) {
    throw new KubeConfigError(`${where}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}

function find<T>(entries: ReadonlyMap<string, Entry<T>>, what: string, name: string, where: string): Entry<T> {
  const entry = entries.get(name);
  if (!entry) throw new KubeConfigError(`${where}: there is no ${what} ${JSON.stringify(name)} (there are: ${[...entries.keys()].join(", ") || "none"})`);
  return entry;
}

function authOf(user: User, cluster: Cluster, caPem: string | undefined): UserAuth {
  const { value, folder } = user;
  if (value.exec) return { kind: "exec", spec: execSpec(value.exec, folder, cluster, caPem) };
  if (value.tokenFile) return { kind: "token-file", path: resolve(folder, value.tokenFile) };
  if (value.token) return { kind: "token", token: value.token };
  if (value.username) throw new KubeConfigError("user names with passwords are not served by any API server any more: use a token or a client certificate");
  if (value["auth-provider"]) throw new KubeConfigError("auth-provider is gone from kubectl too: use its exec plugin");
  return { kind: "none" };
}

function execSpec(exec: ExecEntry, folder: string, cluster: Cluster, caPem: string | undefined): ExecSpec {
  const { apiVersion, command, args, env, installHint, interactiveMode, provideClusterInfo } = exec;
  if (!EXEC_VERSIONS.includes(apiVersion)) throw new KubeConfigError(`credential plugin ${command}: its apiVersion must be ${EXEC_VERSIONS.join(" or ")} (seen: ${apiVersion})`);
  if (interactiveMode === "Always") throw new KubeConfigError(`credential plugin ${command} wants a terminal (interactiveMode: Always): there is none`);
  return {
    apiVersion,
    // As in kubectl: a bare name is looked for in PATH, a relative path starts at the kubeconfig.
    command: command.includes("/") ? resolve(folder, command) : command,
    args: args ?? [],
    env: env ?? [],
    ...(installHint ? { installHint } : {}),
    ...(provideClusterInfo ? { cluster: clusterInfo(cluster.value, caPem) } : {}),
  };
}

function clusterInfo(cluster: Cluster["value"], caPem: string | undefined): Json {
  return {
    server: cluster.server,
    ...(caPem ? { "certificate-authority-data": Buffer.from(caPem).toString("base64") } : {}),
    ...(cluster["tls-server-name"] ? { "tls-server-name": cluster["tls-server-name"] } : {}),
    ...(cluster["insecure-skip-tls-verify"] ? { "insecure-skip-tls-verify": true } : {}),
  };
}

async function clientCertificate(user: User, where: string): Promise<{ readonly clientCertificate?: ClientCertificate }> {
  const [certPem, keyPem] = [await pem(user, "client-certificate"), await pem(user, "client-key")];
  if (certPem && keyPem) return { clientCertificate: { certPem, keyPem } };
  if (certPem || keyPem) throw new KubeConfigError(`${where}: a client certificate needs both client-certificate and client-key`);
  return {};
}

/** A PEM that stands in the file (`<field>-data`, base64) or in a file of its own. */
async function pem({ value, folder }: Entry<Readonly<Record<string, unknown>>>, field: string): Promise<string | undefined> {
  const data = value[`${field}-data`];
  if (typeof data === "string" && data !== "") return Buffer.from(data, "base64").toString("utf8");
  const path = value[field];
  if (typeof path !== "string" || path === "") return undefined;
  const absolute = resolve(folder, path);
  return readFile(absolute, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new KubeConfigError(`${field} ${absolute}: can not be read (${error.code ?? error.message})`, { cause: error });
  });
}
