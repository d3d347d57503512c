import { readFileSync } from "node:fs";
import { load, YAMLException } from "js-yaml";
import { z } from "zod";
import { durationMs } from "./api/duration.ts";
import { defaultSettings, type RemediationSettings } from "./remediation/settings.ts";

/** The built-in neighbours, each of which can be left to somebody else. */
export const WORKERS = ["signal-processing", "analysis", "execution", "verification", "notification"] as const;
export type WorkerName = (typeof WORKERS)[number];

/** Everything that a replica is told. Frozen and validated; spans in milliseconds. */
export interface Config {
  readonly namespace: string;
  readonly identity: string;
  readonly workers: readonly WorkerName[];
  readonly httpPort: number;
  readonly logLevel: "debug" | "info" | "warn" | "error";
  readonly remediation: RemediationSettings;
  /** How long a target may take to become healthy after its workflow. */
  readonly verificationPatienceMs: number;
  /** Paths of kubeconfig files; undefined means in-cluster. */
  readonly kubeconfig: string | undefined;
}

/** What stands on the command line; absent means not given. */
export interface Flags {
  readonly kubeconfig?: string;
  readonly namespace?: string;
  readonly config?: string;
  readonly workers?: string;
  readonly httpPort?: string;
  readonly identity?: string;
  readonly logLevel?: string;
}

/** A configuration that can not be used: one line per error, each with where it stands, the rule and the value seen. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const span = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== undefined && ms >= 0) return ms;
  context.addIssue({ code: "custom", message: 'must be a duration such as "30s", "5m" or "1h30m"' });
  return z.NEVER;
});

const workerList = z.union([z.literal("all"), z.literal("none"), z.array(z.enum(WORKERS))]);

const fileSchema = z.strictObject({
  namespace: z.string().min(1).optional(),
  identity: z.string().min(1).max(253).optional(),
  workers: workerList.optional(),
  http: z.strictObject({ port: z.int().min(0).max(65_535).optional() }).optional(),
  log: z.strictObject({ level: z.enum(["debug", "info", "warn", "error"]).optional() }).optional(),
  timeouts: z.strictObject({ processing: span, analyzing: span, executing: span, verifying: span }).partial().optional(),
  contentionRetry: span.optional(),
  safetyPoll: span.optional(),
  stabilizationWindow: span.optional(),
  verificationPatience: span.optional(),
  retention: span.optional(),
  dryRun: z.boolean().optional(),
  notifyCompletion: z.boolean().optional(),
});

type FileConfig = z.infer<typeof fileSchema>;

const DEFAULT_NAMESPACE = "kubernaut-system";
const DEFAULT_HTTP_PORT = 8080;
const DEFAULT_PATIENCE_MS = 5 * 60_000;

/** Flags over environment over file over defaults. Throws ConfigError that names every mistake at once. */
export function loadConfig(flags: Flags, env: Readonly<Record<string, string | undefined>>, makeIdentity: () => string): Config {
  const mistakes: string[] = [];
  const file = flags.config === undefined ? {} : readConfigFile(flags.config, mistakes);
  const workers = flags.workers === undefined ? resolveWorkers(file.workers ?? "all") : parseWorkers(flags.workers, mistakes);
  const httpPort = flags.httpPort === undefined ? (file.http?.port ?? DEFAULT_HTTP_PORT) : parsePort(flags.httpPort, mistakes);
  const logLevel = parseLevel(flags.logLevel ?? file.log?.level ?? "info", mistakes);
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"));
  return Object.freeze({
    namespace: flags.namespace ?? file.namespace ?? env["POD_NAMESPACE"] ?? DEFAULT_NAMESPACE,
    identity: flags.identity ?? file.identity ?? env["POD_NAME"] ?? makeIdentity(),
    workers,
    httpPort,
    logLevel,
    remediation: remediationSettings(file, workers),
    verificationPatienceMs: file.verificationPatience ?? DEFAULT_PATIENCE_MS,
    kubeconfig: flags.kubeconfig ?? env["KUBECONFIG"],
  });
}

function readConfigFile(path: string, mistakes: string[]): FileConfig {
  let document: unknown;
  try {
    document = load(readFileSync(path, "utf8")) ?? {};
  } catch (error) {
    if (!(error instanceof YAMLException) && !(error instanceof Error && "code" in error)) throw error;
    mistakes.push(`${path}: ${error.message}`);
    return {};
  }
  const parsed = fileSchema.safeParse(document);
  if (parsed.success) return parsed.data;
  for (const issue of parsed.error.issues) mistakes.push(`${path}: ${issue.path.join(".") || "(top)"}: ${issue.message} (seen: ${JSON.stringify(valueAt(document, issue.path))})`);
  return {};
}

function valueAt(document: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined), document);
}

function resolveWorkers(workers: z.infer<typeof workerList>): readonly WorkerName[] {
  if (workers === "all") return WORKERS;
  return workers === "none" ? [] : workers;
}

function parseWorkers(text: string, mistakes: string[]): readonly WorkerName[] {
  const parsed = workerList.safeParse(text === "all" || text === "none" ? text : text.split(",").map((word) => word.trim()));
  if (parsed.success) return resolveWorkers(parsed.data);
  mistakes.push(`--workers: must be all, none or a list of ${WORKERS.join(", ")} (seen: ${JSON.stringify(text)})`);
  return [];
}

function parsePort(text: string, mistakes: string[]): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  mistakes.push(`--http-port: must be a number from 0 to 65535 (seen: ${JSON.stringify(text)})`);
  return 0;
}

function parseLevel(text: string, mistakes: string[]): Config["logLevel"] {
  if (text === "debug" || text === "info" || text === "warn" || text === "error") return text;
  mistakes.push(`--log-level: must be debug, info, warn or error (seen: ${JSON.stringify(text)})`);
  return "info";
}

function remediationSettings(file: FileConfig, workers: readonly WorkerName[]): RemediationSettings {
  const given = Object.fromEntries(Object.entries(file.timeouts ?? {}).filter(([, value]) => value !== undefined));
  return {
    timeoutsMs: { ...defaultSettings.timeoutsMs, ...given },
    contentionRetryMs: file.contentionRetry ?? defaultSettings.contentionRetryMs,
    safetyPollMs: file.safetyPoll ?? defaultSettings.safetyPollMs,
    stabilizationWindowMs: file.stabilizationWindow ?? defaultSettings.stabilizationWindowMs,
    retentionMs: file.retention ?? defaultSettings.retentionMs,
    dryRun: file.dryRun ?? defaultSettings.dryRun,
    notifyCompletion: file.notifyCompletion ?? defaultSettings.notifyCompletion,
    ourExecutor: workers.includes("execution"),
  };
}
