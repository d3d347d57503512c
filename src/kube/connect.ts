import { delimiter } from "node:path";
import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import { createKubeClient, type RequestRecord } from "./client.ts";
import { noCredentials, tokenCredentials, tokenFileCredentials, type Credentials } from "./credentials.ts";
import { execCredentials } from "./exec-plugin.ts";
import { inClusterConfig } from "./in-cluster.ts";
import { loadKubeConfig, type ConnectionConfig } from "./kubeconfig.ts";
import type { KubeClient } from "./ports.ts";
import { createUndiciTransport } from "./undici-transport.ts";

export interface ConnectOptions {
  /** Paths as in KUBECONFIG, joined by the system's delimiter; undefined means in-cluster. */
  readonly kubeconfig: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  /** `name/version`; the API server takes the name for whose the written fields are (`managedFields`). */
  readonly userAgent: string;
  readonly onRequest?: (record: RequestRecord) => void;
}

/** A client and the way to let go of its connections. */
export interface Connection {
  readonly client: KubeClient;
  readonly server: string;
  /** The namespace of the context or of the pod, if it has one. */
  readonly namespace: string | undefined;
  close(): Promise<void>;
}

/** Connects by kubeconfig, or as the pod's service account. Nothing is sent yet. Throws KubeConfigError. */
export async function connect(options: ConnectOptions): Promise<Connection> {
  const config = options.kubeconfig ? await loadKubeConfig(options.kubeconfig.split(delimiter).filter((path) => path !== "")) : await inClusterConfig(options.env);
  const transport = createUndiciTransport({
    server: config.server,
    ...(config.caPem ? { caPem: config.caPem } : {}),
    ...(config.clientCertificate ? { clientCertificate: config.clientCertificate } : {}),
    ...(config.serverName ? { serverName: config.serverName } : {}),
    insecureSkipTlsVerify: config.insecureSkipTlsVerify,
    credentials: credentialsOf(config, options),
    clock: options.clock,
    userAgent: options.userAgent,
  });
  const client = createKubeClient({ transport, clock: options.clock, ...(options.onRequest ? { onRequest: options.onRequest } : {}) });
  return { client, server: config.server, namespace: config.namespace, close: () => transport.close() };
}

function credentialsOf({ auth }: ConnectionConfig, { clock, env }: ConnectOptions): Credentials {
  switch (auth.kind) {
    case "none":
      return noCredentials;
    case "token":
      return tokenCredentials(auth.token);
    case "token-file":
      return tokenFileCredentials(auth.path, clock);
    case "exec":
      return execCredentials(auth.spec, { clock, env });
    default:
      return assertNever(auth);
  }
}
