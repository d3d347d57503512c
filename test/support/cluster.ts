import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import { startEmbeddedCluster } from "../../src/apiserver/embedded-cluster.ts";
import type { Faults } from "../../src/apiserver/faults/faults.ts";
import { startApp, type App } from "../../src/app.ts";
import type { CustomResourceDefinition } from "../../src/api/custom-resource-definition.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { RemediationWorkflow } from "../../src/api/remediation-workflow.ts";
import type { Deployment } from "../../src/api/workload.ts";
import { loadConfig, type Config, type Flags } from "../../src/config.ts";
import { createKubeClient, type RequestRecord } from "../../src/kube/client.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/log.ts";

/** One container as it really ran, by the node's own account. */
export interface Ran {
  readonly namespace: string;
  readonly startedMs: number;
  readonly endedMs?: number | undefined;
}

/** An API server with our CRDs on it and a node that runs pods by script. */
export interface TestApi extends AsyncDisposable {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** The namespace that the test may make there; nobody else's pods run on its node. */
  readonly namespace: string;
  readonly ledger: readonly Ran[];
}

/** A namespace of its own on a test API, with a healthy Deployment to act on, and replicas in this process. */
export interface TestCluster extends AsyncDisposable {
  readonly client: KubeClient;
  readonly namespace: string;
  /** What this test's pods really did. */
  readonly ledger: () => readonly Ran[];
  /** Requests of the replicas, in order. */
  readonly requests: readonly RequestRecord[];
  startReplica(name: string, change?: { readonly flags?: Flags; readonly config?: Partial<Config>; readonly client?: (client: KubeClient) => KubeClient }): Promise<App>;
  /** An alert about the Deployment. */
  alert(name: string, signalName?: string): Promise<RemediationRequest>;
  /** A catalog entry that takes 100 ms, for signals of that name only if one is given. */
  workflow(name: string, signalName?: string, script?: object): Promise<void>;
}

const CRDS = join(import.meta.dirname, "..", "..", "deploy", "crds");

/** The embedded API server as a test API. */
export async function embeddedApi(): Promise<TestApi & { readonly faults: Faults }> {
  const token = "admin";
  const cluster = await startEmbeddedCluster({ tokens: { [token]: { name: "admin", groups: ["system:masters"] } }, controllers: true, node: "script" });
  const { url, caPem } = cluster.listening;
  return { url, caPem, token, namespace: freshNamespace(), ledger: cluster.ledger, faults: cluster.faults, [Symbol.asyncDispose]: () => cluster.stop() };
}

/** A name that no other test has. */
export function freshNamespace(): string {
  return `test-${randomBytes(4).toString("hex")}`;
}

/** Sets up a test on an API: CRDs once (ours, unless others are given), a fresh namespace, a Deployment that says it is healthy. */
export async function testCluster(api: TestApi, crds: readonly Draft<CustomResourceDefinition>[] = ourCrds()): Promise<TestCluster> {
  const admin = connectTo(api);
  const { client } = admin;
  await installCrds(client, crds);
  const { namespace } = api;
  await client.create(kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await healthyDeployment(client, namespace);
  const requests: RequestRecord[] = [];
  const stops: (() => Promise<void>)[] = [];
  return {
    client,
    namespace,
    requests,
    ledger: () => api.ledger.filter((ran) => ran.namespace === namespace),
    async startReplica(name, change = {}) {
      const own = connectTo(api, (record) => requests.push(record));
      const config = { ...loadConfig({ namespace, httpPort: "0", ...change.flags }, {}, () => name), ...change.config };
      const app = await startApp(config, { client: change.client ? change.client(own.client) : own.client, clock: systemClock, random: Math.random, log: silentLogger });
      stops.push(async () => {
        await app.stop();
        await own.close();
      });
      return app;
    },
    alert: (name, signalName = "KubePodCrashLooping") => client.create(kinds.RemediationRequest, alertDraft(namespace, name, signalName)),
    async workflow(name, signalName, script = { runMs: 100, exitCode: 0 }) {
      await client.create(kinds.RemediationWorkflow, workflowDraft(namespace, name, signalName, script));
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(stops.map((stop) => stop()));
      await client.delete(kinds.Namespace, { name: namespace }, { uid: (await client.get(kinds.Namespace, { name: namespace }))?.metadata.uid ?? "" });
      await admin.close();
    },
  };
}

function connectTo(api: TestApi, onRequest?: (record: RequestRecord) => void): { readonly client: KubeClient; close(): Promise<void> } {
  const transport = createUndiciTransport({ server: api.url, caPem: api.caPem, credentials: tokenCredentials(api.token), clock: systemClock, userAgent: "test" });
  return { client: createKubeClient({ transport, clock: systemClock, ...(onRequest ? { onRequest } : {}) }), close: () => transport.close() };
}

function ourCrds(): readonly Draft<CustomResourceDefinition>[] {
  return readdirSync(CRDS).map((file) => load(readFileSync(join(CRDS, file), "utf8")) as Draft<CustomResourceDefinition>);
}

async function installCrds(client: KubeClient, crds: readonly Draft<CustomResourceDefinition>[]): Promise<void> {
  for (const crd of crds) {
    try {
      await client.create(kinds.CustomResourceDefinition, crd);
    } catch (error) {
      if (!isKubeError(error, "AlreadyExists")) throw error;
    }
  }
  for (const { metadata } of crds) await established(client, metadata.name);
}

async function established(client: KubeClient, name: string): Promise<void> {
  for (;;) {
    const crd = await client.get(kinds.CustomResourceDefinition, { name });
    if (crd?.status?.conditions?.some(({ type, status }) => type === "Established" && status === "True")) return;
    await systemClock.sleep(20);
  }
}

async function healthyDeployment(client: KubeClient, namespace: string): Promise<void> {
  const labels = { app: "checkout" };
  const template = { metadata: { labels }, spec: { containers: [{ name: "checkout", image: "example.com/checkout:1.0.0" }] } };
  const created = await client.create(kinds.Deployment, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "checkout", namespace }, spec: { replicas: 1, selector: { matchLabels: labels }, template } });
  const status: Deployment["status"] = { observedGeneration: created.metadata.generation ?? 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{ type: "Available", status: "True" }] };
  // Somebody who plays the Deployment controller (the embedded server has one) says the same.
  const current = (await client.get(kinds.Deployment, { namespace, name: "checkout" })) ?? created;
  try {
    await client.replaceStatus(kinds.Deployment, { ...current, status });
  } catch (error) {
    if (!isKubeError(error, "Conflict")) throw error;
  }
}

function alertDraft(namespace: string, name: string, signalName: string): Draft<RemediationRequest> {
  const at = new Date().toISOString();
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationRequest",
    metadata: { name, namespace },
    spec: {
      signalFingerprint: randomBytes(32).toString("hex"),
      signalName,
      severity: "critical",
      signalType: "alert",
      targetType: "kubernetes",
      targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace },
      firingTime: at,
      receivedTime: at,
    },
  };
}

function workflowDraft(namespace: string, name: string, signalName: string | undefined, script: object): Draft<RemediationWorkflow> {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationWorkflow",
    metadata: { name, namespace },
    spec: {
      actionType: "RestartWorkload",
      version: "1.0.0",
      description: { what: "Restarts it.", whenToUse: "It crashes." },
      labels: { component: ["Deployment"], environment: ["*"], severity: ["*"], priority: "*" },
      ...(signalName ? { customLabels: { signalName } } : {}),
      execution: { engine: "job", bundle: "example.com/restart:1.0.0", engineConfig: { podAnnotations: { "ro.dev/script": JSON.stringify(script) } } },
      parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "What to restart." }],
    },
  };
}
