import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { loadAll } from "js-yaml";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import type { RemediationWorkflow } from "../../src/api/remediation-workflow.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import type { CommandResult, ControlPlane } from "../control-plane/control-plane.ts";
import { workflowCommand } from "./workflow-script.ts";

/** Where everything of the product lives, as it is shipped. */
export const NAMESPACE = "kubernaut-system";
/** Where the targets are. */
export const TARGETS = "shop";
/** How many kinds of illness the catalog has a cure for: so many workflows can follow each other on one target. */
export const ILLNESSES = 10;

const DEPLOY = join(import.meta.dirname, "..", "..", "deploy");
const BINDING_KINDS: Readonly<Record<string, "Role" | "ClusterRole">> = { RoleBinding: "Role", ClusterRoleBinding: "ClusterRole" };

interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly subjects?: unknown;
}

/** The shipped CRDs and rights, the latter bound to `users` as they are to the shipped service account. */
export async function install(plane: ControlPlane, users: readonly string[]): Promise<void> {
  await apply(plane, [{ apiVersion: "v1", kind: "Namespace", metadata: { name: NAMESPACE } }, { apiVersion: "v1", kind: "Namespace", metadata: { name: TARGETS, labels: { "kubernaut.ai/managed": "true", "kubernaut.ai/environment": "production" } } }]);
  for (const file of readdirSync(join(DEPLOY, "crds"))) must(await plane.kubectl(["apply", "--server-side", "-f", join(DEPLOY, "crds", file)]));
  must(await plane.kubectl(["apply", "-f", join(DEPLOY, "rbac.yaml")]));
  await apply(plane, bindingsFor(users));
  must(await plane.kubectl(["wait", "--for=condition=Established", "crd", "--all", "--timeout=60s"]));
}

/** The bindings of deploy/rbac.yaml, under names of their own, with `users` in the service account's place. */
function bindingsFor(users: readonly string[]): readonly Manifest[] {
  const shipped = loadAll(readFileSync(join(DEPLOY, "rbac.yaml"), "utf8")) as readonly Manifest[];
  const subjects = users.map((name) => ({ apiGroup: "rbac.authorization.k8s.io", kind: "User", name }));
  return shipped.filter(({ kind }) => kind in BINDING_KINDS).map((binding) => ({ ...binding, metadata: { ...binding.metadata, name: `${binding.metadata.name}-replicas` }, subjects }));
}

/** Takes away what `install` bound in the namespace, or gives it back. */
export async function setRights(plane: ControlPlane, users: readonly string[], granted: boolean): Promise<void> {
  const bindings = bindingsFor(users).filter(({ kind }) => kind === "RoleBinding");
  if (granted) return apply(plane, bindings);
  must(await plane.kubectl(["delete", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items: bindings }) }));
}

async function apply(plane: ControlPlane, items: readonly object[]): Promise<void> {
  must(await plane.kubectl(["apply", "-f", "-"], { stdin: JSON.stringify({ apiVersion: "v1", kind: "List", items }) }));
}

function must({ code, stderr, stdout }: CommandResult): void {
  if (code !== 0) throw new Error(`kubectl: ${stderr}${stdout}`);
}

/** A cure for every illness; each workflow notes what it does in the ledger and takes about 30 ms a beat. */
export async function fillCatalog(client: KubeClient, beats: number): Promise<void> {
  for (let at = 0; at < ILLNESSES; at++) await client.create(kinds.RemediationWorkflow, cure(at, beats));
}

/** The name of the signal that illness number `at` gives. */
export function illness(at: number): string {
  return `Illness${at % ILLNESSES}`;
}

function cure(at: number, beats: number): Draft<RemediationWorkflow> {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationWorkflow",
    metadata: { name: `cure-${at}`, namespace: NAMESPACE },
    spec: {
      actionType: "RestartWorkload",
      version: "1.0.0",
      description: { what: "Notes in the ledger that it ran.", whenToUse: "In tests." },
      labels: { component: ["Deployment"], environment: ["*"], severity: ["*"], priority: "*" },
      customLabels: { signalName: illness(at) },
      execution: { engine: "job", bundle: "example.com/cure:1.0.0", engineConfig: { command: [...workflowCommand(beats)] } },
      parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "What to restart." }],
    },
  };
}

/** Deployments that say of themselves that they are healthy; their names. */
export async function createTargets(client: KubeClient, count: number): Promise<readonly string[]> {
  const names = Array.from({ length: count }, (_, at) => `target-${at}`);
  for (const name of names) await createTarget(client, name);
  return names;
}

async function createTarget(client: KubeClient, name: string): Promise<void> {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "example.com/app:1.0.0" }] } };
  const created = await client.create(kinds.Deployment, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: TARGETS, labels }, spec: { replicas: 1, selector: { matchLabels: labels }, template } });
  await client.replaceStatus(kinds.Deployment, { ...created, status: { observedGeneration: created.metadata.generation ?? 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{ type: "Available", status: "True" }] } });
}
