import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { load } from "js-yaml";
import { z } from "zod";

/** A kubeconfig that can not be used; the message names the file and what is wrong with it. */
export class KubeConfigError extends Error {
  override readonly name = "KubeConfigError";
}

const clusterSchema = z.looseObject({
  server: z.string(),
  "certificate-authority": z.string().optional(),
  "certificate-authority-data": z.string().optional(),
  "insecure-skip-tls-verify": z.boolean().optional(),
  "tls-server-name": z.string().optional(),
  "proxy-url": z.string().optional(),
});

const execSchema = z.looseObject({
  apiVersion: z.string(),
  command: z.string(),
  args: z.array(z.string()).nullish(),
  env: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
  installHint: z.string().optional(),
  interactiveMode: z.enum(["Never", "IfAvailable", "Always"]).optional(),
  provideClusterInfo: z.boolean().optional(),
});

const userSchema = z.looseObject({
  token: z.string().optional(),
  tokenFile: z.string().optional(),
  "client-certificate": z.string().optional(),
  "client-certificate-data": z.string().optional(),
  "client-key": z.string().optional(),
  "client-key-data": z.string().optional(),
  username: z.string().optional(),
  "auth-provider": z.unknown().optional(),
  exec: execSchema.optional(),
});

const contextSchema = z.looseObject({ cluster: z.string(), user: z.string().optional(), namespace: z.string().optional() });

const fileSchema = z.looseObject({
  "current-context": z.string().nullish(),
  clusters: z.array(z.looseObject({ name: z.string(), cluster: clusterSchema })).nullish(),
  // A user without anything has no credentials.
  users: z.array(z.looseObject({ name: z.string(), user: userSchema.nullish() })).nullish(),
  contexts: z.array(z.looseObject({ name: z.string(), context: contextSchema })).nullish(),
});

type FileContent = z.infer<typeof fileSchema>;

/** The exec plugin of a user. */
export type ExecEntry = z.infer<typeof execSchema>;

/** One entry, with the folder that its relative paths are relative to. */
export interface Entry<T> {
  readonly value: T;
  readonly folder: string;
}

/** A cluster as a kubeconfig has it. */
export type Cluster = Entry<z.infer<typeof clusterSchema>>;
/** A user as a kubeconfig has it. */
export type User = Entry<z.infer<typeof userSchema>>;

/** Several files as one. */
export interface KubeConfigFiles {
  /** Those that exist, as they were named. */
  readonly paths: readonly string[];
  readonly currentContext: string | undefined;
  readonly clusters: ReadonlyMap<string, Cluster>;
  readonly users: ReadonlyMap<string, User>;
  readonly contexts: ReadonlyMap<string, Entry<z.infer<typeof contextSchema>>>;
}

/** Reads kubeconfig files as kubectl merges them: the first that says something wins, and of several some may be absent. Throws KubeConfigError. */
export async function readKubeConfigFiles(paths: readonly string[]): Promise<KubeConfigFiles> {
  const found: { readonly path: string; readonly folder: string; readonly content: FileContent }[] = [];
  for (const path of paths) {
    const content = await readOne(path, paths.length > 1);
    if (content) found.push({ path, folder: dirname(resolve(path)), content });
  }
  if (found.length === 0) throw new KubeConfigError(`none of these kubeconfig files exists: ${paths.join(", ")}`);
  const entries = <T>(of: (content: FileContent) => readonly (readonly [string, T])[]): ReadonlyMap<string, Entry<T>> => {
    const all = found.flatMap(({ folder, content }) => of(content).map(([name, value]) => [name, { value, folder }] as const));
    // The last of a Map's equal keys stays: so the first comes last.
    return new Map(all.toReversed());
  };
  return {
    paths: found.map(({ path }) => path),
    currentContext: found.map(({ content }) => content["current-context"]).find((name) => name) ?? undefined,
    clusters: entries((content) => (content.clusters ?? []).map(({ name, cluster }) => [name, cluster])),
    users: entries((content) => (content.users ?? []).map(({ name, user }) => [name, user ?? {}])),
    contexts: entries((content) => (content.contexts ?? []).map(({ name, context }) => [name, context])),
  };
}

async function readOne(path: string, mayBeAbsent: boolean): Promise<FileContent | undefined> {
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT" && mayBeAbsent) return undefined;
    throw new KubeConfigError(`${path}: can not be read (${error.code ?? error.message})`, { cause: error });
  });
  if (text === undefined) return undefined;
  const parsed = fileSchema.safeParse(text.trim() === "" ? {} : parseYaml(path, text));
  if (parsed.success) return parsed.data;
  throw new KubeConfigError(parsed.error.issues.map((issue) => `${path}: ${issue.path.join(".") || "(top)"}: ${issue.message}`).join("\n"));
}

function parseYaml(path: string, text: string): unknown {
  try {
    return load(text);
  } catch (error) {
    throw new KubeConfigError(`${path}: is no YAML: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
