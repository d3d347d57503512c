import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { loadAll } from "js-yaml";
import { startEmbeddedCluster, type EmbeddedCluster, type EmbeddedClusterOptions } from "../apiserver/embedded-cluster.ts";
import type { Json } from "../api/object.ts";
import { deployFiles } from "./package-files.ts";
import { UsageError } from "./usage-error.ts";

/** A user of a local cluster and the token to log in with. */
export interface LocalUser {
  readonly name: string;
  readonly token: string;
}

/** An embedded cluster with an admin and further users. */
export interface LocalCluster extends AsyncDisposable {
  readonly cluster: EmbeddedCluster;
  readonly admin: LocalUser;
  readonly users: readonly LocalUser[];
  /** Writes a kubeconfig for a user and returns its absolute path; folders are made, nobody else may read it. Throws UsageError when it can not be written. */
  writeKubeconfig(path: string, user: LocalUser, namespace?: string): string;
  /** Creates the objects of YAML documents as the admin. Throws with the server's words when one is refused. */
  create(yaml: string): void;
}

/** Starts one. Throws UsageError when the port is taken. */
export async function startLocalCluster(userNames: readonly string[], options: Omit<EmbeddedClusterOptions, "tokens">): Promise<LocalCluster> {
  const admin = newUser("admin");
  const users = userNames.map(newUser);
  const tokens = Object.fromEntries([admin, ...users].map(({ name, token }) => [token, { name, groups: name === "admin" ? ["system:masters", "system:authenticated"] : ["system:authenticated"] }]));
  const cluster = await startEmbeddedCluster({ ...options, tokens }).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "EADDRINUSE") throw new UsageError(`port ${options.port} is taken: choose another one with --port, or 0 for any that is free`);
    throw error;
  });
  return {
    cluster,
    admin,
    users,
    writeKubeconfig(path, user, namespace) {
      const absolute = resolve(path);
      writePrivately(absolute, cluster.listening.kubeconfig(user.token, namespace));
      return absolute;
    },
    create: (yaml) => {
      for (const document of loadAll(yaml)) if (document) createOne(cluster, admin, document as { readonly [field: string]: Json });
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}

/** Installs our CRDs. */
export function installCrds(local: LocalCluster): void {
  for (const { text } of deployFiles("crds")) local.create(text);
}

function writePrivately(path: string, text: string): void {
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode: 0o600 });
  } catch (error) {
    if (!(error instanceof Error && "code" in error)) throw error;
    throw new UsageError(`the kubeconfig can not be written: ${error.message}: choose another place with --write-kubeconfig`);
  }
}

function newUser(name: string): LocalUser {
  return { name, token: randomBytes(16).toString("hex") };
}

function createOne({ server }: EmbeddedCluster, { token }: LocalUser, object: { readonly [field: string]: Json }): void {
  const { apiVersion, kind, metadata } = object as { readonly apiVersion: string; readonly kind: string; readonly metadata: { readonly name: string; readonly namespace?: string } };
  const slash = apiVersion.indexOf("/");
  const [group, version] = slash < 0 ? ["", apiVersion] : [apiVersion.slice(0, slash), apiVersion.slice(slash + 1)];
  const resource = server.resources.find((known) => known.group === group && known.version === version && known.kind === kind);
  if (!resource) throw new TypeError(`${apiVersion} ${kind} is not served`);
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const scope = resource.namespaced ? `/namespaces/${metadata.namespace ?? "default"}` : "";
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const response = server.handle({ method: "POST", url: `${root}${scope}/${resource.plural}`, headers, body: JSON.stringify(object) });
  if (response.status >= 400) throw new Error(`${kind} ${metadata.name}: ${response.kind === "body" ? response.body : response.status}`);
}
