import type { z } from "zod";
import { formatDuration } from "./api/duration.ts";
import { readConfigFile, type FileConfig } from "./config-file.ts";
import { rules, WORKERS, type WorkerName } from "./config-rules.ts";
import type { LogLevel } from "./lib/log.ts";
import { defaultSettings, type RemediationSettings } from "./remediation/settings.ts";

export { WORKERS, type WorkerName } from "./config-rules.ts";

/** Everything that a replica is told. Frozen and validated; spans in milliseconds. */
export interface Config {
  readonly namespace: string;
  readonly identity: string;
  readonly workers: readonly WorkerName[];
  readonly httpPort: number;
  readonly logLevel: LogLevel;
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

/** The environment of a process; empty means not given. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration that can not be used: one line per error, each with where it stands, the rule and the value seen. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
}

const DEFAULT_NAMESPACE = "kubernaut-system";
const DEFAULT_HTTP_PORT = 8080;
const DEFAULT_PATIENCE_MS = 5 * 60_000;

/**
 * Flags over environment over file over defaults. Everything that is given is looked at, also what another source overrides.
 * Throws ConfigError that names every mistake at once.
 */
export function loadConfig(flags: Flags, env: Environment, makeIdentity: () => string): Config {
  const mistakes: string[] = [];
  const flag = <T>(name: string, rule: z.ZodType<T>, value: unknown, seen = value): T | undefined => checked(`--${name}`, rule, value, seen, mistakes);
  const variable = <T>(name: string, rule: z.ZodType<T>): T | undefined => checked(name, rule, env[name] === "" ? undefined : env[name], env[name], mistakes);
  const path = flag("config", rules.path, flags.config);
  const file = path === undefined ? {} : readConfigFile(path, mistakes);
  const workers = flag("workers", rules.workers, listed(flags.workers), flags.workers) ?? file.workers ?? WORKERS;
  const config: Config = {
    namespace: first(flag("namespace", rules.namespace, flags.namespace), variable("POD_NAMESPACE", rules.namespace), file.namespace) ?? DEFAULT_NAMESPACE,
    identity: first(flag("identity", rules.identity, flags.identity), variable("POD_NAME", rules.identity), file.identity) ?? makeIdentity(),
    workers: Object.freeze([...workers]),
    httpPort: first(flag("http-port", rules.port, numbered(flags.httpPort), flags.httpPort), file.http?.port) ?? DEFAULT_HTTP_PORT,
    logLevel: first(flag("log-level", rules.level, flags.logLevel), file.log?.level) ?? "info",
    remediation: remediationSettings(file, workers, mistakes),
    verificationPatienceMs: file.verificationPatience ?? DEFAULT_PATIENCE_MS,
    kubeconfig: first(flag("kubeconfig", rules.path, flags.kubeconfig), variable("KUBECONFIG", rules.path)),
  };
  if (mistakes.length > 0) throw new ConfigError(mistakes.join("\n"));
  return Object.freeze(config);
}

/** The value by its rule; undefined when it is not given, or breaks the rule: that is a mistake. */
function checked<T>(where: string, rule: z.ZodType<T>, value: unknown, seen: unknown, mistakes: string[]): T | undefined {
  if (value === undefined) return undefined;
  const parsed = rule.safeParse(value);
  if (parsed.success) return parsed.data;
  mistakes.push(`${where}: ${parsed.error.issues[0]?.message ?? "can not be used"} (seen: ${JSON.stringify(seen)})`);
  return undefined;
}

function first<T>(...values: readonly (T | undefined)[]): T | undefined {
  return values.find((value) => value !== undefined);
}

/** What a flag says of workers, as the file says it. */
function listed(text: string | undefined): string | readonly string[] | undefined {
  return text === undefined || text === "all" || text === "none" ? text : text.split(",").map((word) => word.trim());
}

/** What a flag says of a number, as the file says it; a text that is none stays one. */
function numbered(text: string | undefined): string | number | undefined {
  return text !== undefined && /^\d+$/.test(text) ? Number(text) : text;
}

function remediationSettings(file: FileConfig, workers: readonly WorkerName[], mistakes: string[]): RemediationSettings {
  const { timeoutsMs } = defaultSettings;
  const { processing = timeoutsMs.processing, analyzing = timeoutsMs.analyzing, executing = timeoutsMs.executing, verifying = timeoutsMs.verifying } = file.timeouts ?? {};
  const stabilizationWindowMs = file.stabilizationWindow ?? defaultSettings.stabilizationWindowMs;
  if (stabilizationWindowMs >= verifying) {
    mistakes.push(`stabilizationWindow: must be shorter than timeouts.verifying, or no effect is ever judged (seen: ${formatDuration(stabilizationWindowMs)} and ${formatDuration(verifying)})`);
  }
  return Object.freeze({
    timeoutsMs: Object.freeze({ processing, analyzing, executing, verifying }),
    contentionRetryMs: file.contentionRetry ?? defaultSettings.contentionRetryMs,
    safetyPollMs: file.safetyPoll ?? defaultSettings.safetyPollMs,
    stabilizationWindowMs,
    retentionMs: file.retention ?? defaultSettings.retentionMs,
    dryRun: file.dryRun ?? defaultSettings.dryRun,
    notifyCompletion: file.notifyCompletion ?? defaultSettings.notifyCompletion,
    ourExecutor: workers.includes("execution"),
  });
}
