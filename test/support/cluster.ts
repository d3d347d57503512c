import { randomBytes } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import type { Verb } from "../../src/apiserver/call.ts";
import { startEmbeddedCluster, type EmbeddedCluster } from "../../src/apiserver/embedded-cluster.ts";
import type { Faults } from "../../src/apiserver/faults/faults.ts";
import { startApp, type App } from "../../src/app.ts";
import type { CustomResourceDefinition } from "../../src/api/custom-resource-definition.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { TargetResource } from "../../src/api/target.ts";
import type { RemediationWorkflow } from "../../src/api/remediation-workflow.ts";
import type { Deployment } from "../../src/api/workload.ts";
import { loadConfig, type Config, type Flags } from "../../src/config.ts";
import { createKubeClient, type RequestRecord } from "../../src/kube/client.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger, type Logger } from "../../src/lib/log.ts";

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
  /** Of somebody who may do everything: for what is around the replicas. */
  readonly token: string;
  /** The namespace that the test may make there; nobody else's pods run on its node. */
  readonly namespace: string;
  readonly ledger: readonly Ran[];
  /** The token of replica number `at` of a test, which has the shipped rights in that namespace, where there are rights. */
  replicaToken(namespace: string, at: number): Promise<string>;
  /** Takes a right (`create leases.coordination.k8s.io`) from the replicas of a namespace; the answer gives it back. Both resolve when it has come to hold. */
  withdraw(namespace: string, right: string): Promise<() => Promise<void>>;
}

/** A namespace of its own on a test API, with a healthy Deployment to act on, and replicas in this process. */
export interface TestCluster extends AsyncDisposable {
  readonly client: KubeClient;
  readonly namespace: string;
  /** What this test's pods really did. */
  readonly ledger: () => readonly Ran[];
  /** Requests of the replicas, in order. */
  readonly requests: readonly RequestRecord[];
  startReplica(name: string, change?: { readonly flags?: Flags; readonly config?: Partial<Config>; readonly client?: (client: KubeClient) => KubeClient; readonly log?: Logger }): Promise<App>;
  /** An alert about the Deployment, unless another target is given. */
  alert(name: string, signalName?: string, target?: TargetResource): Promise<RemediationRequest>;
  /** A catalog entry that takes 100 ms, for signals of that name only if one is given. */
  workflow(name: string, signalName?: string, script?: object): Promise<void>;
}

const CRDS = join(import.meta.dirname, "..", "..", "deploy", "crds");

/** The embedded API server as a test API. */
export async function embeddedApi(): Promise<TestApi & { readonly faults: Faults }> {
  const cluster = await startEmbeddedCluster({ tokens: EMBEDDED_TOKENS, controllers: true, node: "script" });
  return { ...embeddedApiOf(cluster), faults: cluster.faults };
}

/** The tokens of an embedded API server for tests: of somebody who may do everything, and of all replicas. */
export const EMBEDDED_TOKENS = { admin: { name: "admin", groups: ["system:masters"] }, replica: { name: "replica", groups: ["system:authenticated"] } };

/** An embedded API server that knows EMBEDDED_TOKENS as a test API. Disposing stops it. */
export function embeddedApiOf(cluster: EmbeddedCluster): TestApi {
  const { url, caPem } = cluster.listening;
  const replica = EMBEDDED_TOKENS.replica.name;
  return {
    url,
    caPem,
    token: EMBEDDED_TOKENS.admin.name,
    namespace: freshNamespace(),
    ledger: cluster.ledger,
    replicaToken: () => Promise.resolve(replica),
    async withdraw(namespace, right) {
      const { group, plural, verb } = partsOf(right);
      const giveBack = cluster.server.refuse({ user: replica, namespace, verb, group, plural });
      return () => Promise.resolve(giveBack());
    },
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
}

/** A name that no other test has. */
export function freshNamespace(): string {
  return `test-${randomBytes(4).toString("hex")}`;
}

/** Sets up a test on an API: CRDs once (ours, unless others are given), a fresh namespace, a Deployment that says it is healthy. */
export async function testCluster(api: Omit<TestApi, "withdraw" | typeof Symbol.asyncDispose>, crds: readonly Draft<CustomResourceDefinition>[] = ourCrds()): Promise<TestCluster> {
  const admin = connectTo(api, api.token);
  const { client } = admin;
  await installCrds(client, crds);
  const { namespace } = api;
  await client.create(kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  await healthyDeployment(client, namespace);
  const requests: RequestRecord[] = [];
  const stops: (() => Promise<void>)[] = [];
  let started = 0;
  return {
    client,
    namespace,
    requests,
    ledger: () => api.ledger.filter((ran) => ran.namespace === namespace),
    async startReplica(name, change = {}) {
      const token = await api.replicaToken(namespace, started++);
      const own = connectTo(api, token, (record) => requests.push(record));
      const config = { ...loadConfig({ namespace, httpPort: "0", ...change.flags }, {}, () => name), ...change.config };
      const app = await startApp(config, { client: change.client ? change.client(own.client) : own.client, clock: systemClock, random: Math.random, log: change.log ?? silentLogger });
      stops.push(async () => {
        await app.stop();
        await own.close();
      });
      return app;
    },
    alert: (name, signalName = "KubePodCrashLooping", target = { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace }) => client.create(kinds.RemediationRequest, alertDraft(namespace, name, signalName, target)),
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

/** A right as `kubectl auth can-i` takes it, taken apart. */
function partsOf(right: string): { readonly verb: Verb; readonly plural: string; readonly group: string } {
  const [verb = "", resource = ""] = right.split(" ");
  const [name = ""] = resource.split("/");
  const dot = name.indexOf(".");
  // The embedded server knows no other verbs.
  return { verb: verb as Verb, plural: dot < 0 ? name : name.slice(0, dot), group: dot < 0 ? "" : name.slice(dot + 1) };
}

/** A connection as the user of that token. */
export function connectTo(api: Pick<TestApi, "url" | "caPem">, token: string, onRequest?: (record: RequestRecord) => void): { readonly client: KubeClient; close(): Promise<void> } {
  const transport = createUndiciTransport({ server: api.url, caPem: api.caPem, credentials: tokenCredentials(token), clock: systemClock, userAgent: "test" });
  return { client: createKubeClient({ transport, clock: systemClock, ...(onRequest ? { onRequest } : {}) }), close: () => transport.close() };
}

function ourCrds(): readonly Draft<CustomResourceDefinition>[] {
  return readdirSync(CRDS).map((file) => load(readFileSync(join(CRDS, file), "utf8")) as Draft<CustomResourceDefinition>);
}

/** Installs CRDs (ours, unless others are given) and waits until they are served. */
export async function installCrds(client: KubeClient, crds: readonly Draft<CustomResourceDefinition>[] = ourCrds()): Promise<void> {
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

function alertDraft(namespace: string, name: string, signalName: string, targetResource: TargetResource): Draft<RemediationRequest> {
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
      targetResource,
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
