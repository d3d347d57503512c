import { execFile } from "node:child_process";
import { z } from "zod";
import type { Json } from "../api/object.ts";
import type { Clock } from "../lib/clock.ts";
import { bearer, type ClientCertificate, type Credentials } from "./credentials.ts";
import { KubeError } from "./kube-error.ts";

/** A program that prints credentials (client.authentication.k8s.io), as a kubeconfig names it. */
export interface ExecSpec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** What to tell whoever has not got the program. */
  readonly installHint?: string;
  /** What the program is told of the cluster, if it is to be told. */
  readonly cluster?: Json;
}

export interface ExecDeps {
  readonly clock: Clock;
  /** The environment of the program, below that of its spec. */
  readonly env: Readonly<Record<string, string | undefined>>;
}

const answerSchema = z.looseObject({
  apiVersion: z.string(),
  kind: z.literal("ExecCredential"),
  status: z.looseObject({
    token: z.string().min(1).optional(),
    clientCertificateData: z.string().min(1).optional(),
    clientKeyData: z.string().min(1).optional(),
    expirationTimestamp: z.iso.datetime({ offset: true }).optional(),
  }),
});

/** How long before its expiry a credential is replaced. */
const EARLY_MS = 30_000;
/** How long the program may take. */
const PATIENCE_MS = 60_000;

interface Granted {
  readonly headers: Readonly<Record<string, string>>;
  readonly certificate: ClientCertificate | undefined;
  readonly untilMs: number;
}

/**
 * Credentials from an exec plugin: the program is run when there are none, when they are about to expire, and when they were
 * refused; once for all who ask meanwhile, and without a terminal. A new certificate is shown from the next connection on.
 */
export function execCredentials(spec: ExecSpec, deps: ExecDeps): Credentials {
  let held: Granted | undefined;
  let asking: Promise<Granted> | undefined;
  const ask = async (): Promise<Granted> => {
    try {
      held = granted(spec, await run(spec, deps));
      return held;
    } finally {
      asking = undefined;
    }
  };
  const current = (): Granted | Promise<Granted> => (held && deps.clock.now() < held.untilMs ? held : (asking ??= ask()));
  return {
    headers() {
      const found = current();
      return found instanceof Promise ? found.then(({ headers }) => headers) : found.headers;
    },
    refused() {
      held = undefined;
      return true;
    },
    certificate: async () => (await current()).certificate,
  };
}

function granted(spec: ExecSpec, printed: string): Granted {
  const parsed = answerSchema.safeParse(parseJson(spec, printed));
  if (!parsed.success) throw failed(spec, parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
  const { apiVersion, status } = parsed.data;
  if (apiVersion !== spec.apiVersion) throw failed(spec, `it printed ${apiVersion}, the kubeconfig asks for ${spec.apiVersion}`);
  const { token, clientCertificateData: certPem, clientKeyData: keyPem, expirationTimestamp } = status;
  const certificate = certPem && keyPem ? { certPem, keyPem } : undefined;
  if (!token && !certificate) throw failed(spec, "it printed neither a token nor a certificate with its key");
  return { headers: token ? bearer(token) : {}, certificate, untilMs: expirationTimestamp ? Date.parse(expirationTimestamp) - EARLY_MS : Number.POSITIVE_INFINITY };
}

function parseJson(spec: ExecSpec, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw failed(spec, "it printed no JSON", error);
  }
}

function run(spec: ExecSpec, { clock, env }: ExecDeps): Promise<string> {
  const info = { apiVersion: spec.apiVersion, kind: "ExecCredential", spec: { interactive: false, ...(spec.cluster === undefined ? {} : { cluster: spec.cluster }) } };
  const added = Object.fromEntries(spec.env.map(({ name, value }) => [name, value]));
  const patience = new AbortController();
  const timer = clock.timer(PATIENCE_MS, () => patience.abort());
  return new Promise((resolve, reject) => {
    const child = execFile(spec.command, [...spec.args], { env: { ...env, ...added, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, signal: patience.signal }, (error, stdout, stderr) => {
      timer.cancel();
      if (!error) return resolve(stdout);
      reject(failed(spec, patience.signal.aborted ? `it took longer than ${PATIENCE_MS / 1000} s` : error.code === "ENOENT" ? missing(spec) : stderr.trim() || error.message, error));
    });
    // Nobody is there to be asked anything.
    child.stdin?.end();
  });
}

function missing({ installHint }: ExecSpec): string {
  return `there is no such program${installHint ? `: ${installHint.trim()}` : ""}`;
}

function failed({ command }: ExecSpec, what: string, cause?: unknown): KubeError {
  return new KubeError("Unreachable", `credential plugin ${command}: ${what}`, { cause });
}
