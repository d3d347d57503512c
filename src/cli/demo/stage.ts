import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createHash } from "node:crypto";
import { installCrds, startLocalCluster, type LocalCluster } from "../local-cluster.ts";
import { startChild, type Child } from "./child.ts";

/** Where everything of the product lives in the demo. */
export const NAMESPACE = "kubernaut-system";
/** Where the orchestrators without a lock do their work. */
export const NAIVE_NAMESPACE = "without-lock";

/** The demo's cluster and the processes on it. */
export interface Stage extends AsyncDisposable {
  readonly local: LocalCluster;
  /** Replicas that are running, by name. */
  readonly replicas: ReadonlyMap<string, Child>;
  startReplica(name: string): Promise<Child>;
  startNaive(name: string): Promise<Child>;
  /** Forgets a process that has ended. */
  remove(name: string): void;
}

const REPLICAS = ["replica-1", "replica-2", "replica-3"] as const;
const NAIVE = ["naive-1", "naive-2", "naive-3"] as const;
export const NAMES = { replicas: REPLICAS, naive: NAIVE } as const;

/** Sets it up: CRDs, two namespaces, healthy Deployments to act on. However this process ends (but for SIGKILL), its processes and files go with it. */
export async function setStage(): Promise<Stage> {
  const folder = mkdtempSync(join(tmpdir(), "ro-demo-"));
  const children = new Set<Child>();
  const sweep = (): void => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  };
  process.once("exit", sweep);
  const start = async (name: string, args: readonly string[], greeting: string): Promise<Child> => {
    const child = startChild(name, args);
    children.add(child);
    await child.says(greeting);
    return child;
  };
  const local = await startLocalCluster([...REPLICAS, ...NAIVE], { namespaces: [NAMESPACE, NAIVE_NAMESPACE], controllers: true, node: "script" });
  installCrds(local);
  local.create(`{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"kubernaut.ai/managed":"true","kubernaut.ai/environment":"production"}}}`);
  for (const name of ["checkout", "cart", "payment"]) local.create(JSON.stringify(deployment(name)));
  const replicas = new Map<string, Child>();
  const kubeconfigOf = (name: string): string => {
    const user = local.users.find((candidate) => candidate.name === name);
    if (!user) throw new TypeError(`no user ${name}`);
    return local.writeKubeconfig(join(folder, `${name}.kubeconfig`), user, NAMESPACE);
  };
  return {
    local,
    replicas,
    async startReplica(name) {
      const child = await start(name, ["run", "--kubeconfig", kubeconfigOf(name), "--namespace", NAMESPACE, "--identity", name, "--http-port", "0"], "replica at work");
      replicas.set(name, child);
      return child;
    },
    startNaive: (name) => start(name, ["demo-naive", "--kubeconfig", kubeconfigOf(name), "--namespace", NAIVE_NAMESPACE], "naive orchestrator at work"),
    remove: (name) => void replicas.delete(name),
    async [Symbol.asyncDispose]() {
      sweep();
      await Promise.all([...children].map(({ ended }) => ended));
      await local.cluster.stop();
      process.off("exit", sweep);
    },
  };
}

function deployment(name: string) {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name, image: `example.com/shop/${name}:1.0.0` }] } };
  return { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: "shop", labels }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
}

/** Puts an alert about Deployment shop/`target` into `namespace`, as a gateway would. */
export function alert(stage: Stage, namespace: string, name: string, target: string, signalName: string): void {
  const at = new Date().toISOString();
  const spec = {
    signalFingerprint: createHash("sha256").update(`${namespace}/${name}`).digest("hex"),
    signalName,
    severity: "critical",
    signalType: "alert",
    signalSource: "demo",
    targetType: "kubernetes",
    targetResource: { apiVersion: "apps/v1", kind: "Deployment", namespace: "shop", name: target },
    firingTime: at,
    receivedTime: at,
  };
  stage.local.create(JSON.stringify({ apiVersion: "kubernaut.ai/v1alpha1", kind: "RemediationRequest", metadata: { name, namespace }, spec }));
}

/** Puts a workflow into the catalog that takes `runMs` and, with `signalName`, fits only signals of that name. */
export function workflow(stage: Stage, name: string, runMs: number, signalName?: string): void {
  const spec = {
    actionType: "RestartWorkload",
    version: "1.0.0",
    description: { what: "Restarts the workload.", whenToUse: "It crashes." },
    labels: { component: ["Deployment"], environment: ["*"], severity: ["*"], priority: "*" },
    ...(signalName ? { customLabels: { signalName } } : {}),
    execution: { engine: "job", bundle: "example.com/workflows/restart:1.0.0", engineConfig: { podAnnotations: { "ro.dev/script": JSON.stringify({ runMs, exitCode: 0 }) } } },
    parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "What to restart." }],
  };
  stage.local.create(JSON.stringify({ apiVersion: "kubernaut.ai/v1alpha1", kind: "RemediationWorkflow", metadata: { name, namespace: NAMESPACE }, spec }));
}

/** The most containers that ran at once among the ledger's entries of `namespace` that began at `sinceMs` or later. */
export function mostAtOnce(stage: Stage, namespace: string, sinceMs: number): { readonly runs: number; readonly atOnce: number } {
  const entries = stage.local.cluster.ledger.filter((entry) => entry.namespace === namespace && entry.startedMs >= sinceMs);
  const atOnce = Math.max(0, ...entries.map(({ startedMs }) => entries.filter((other) => other.startedMs <= startedMs && (other.endedMs ?? Number.POSITIVE_INFINITY) > startedMs).length));
  return { runs: entries.length, atOnce };
}
