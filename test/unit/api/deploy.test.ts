import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { load, loadAll } from "js-yaml";
import { WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import type { KindInfo } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { crds, schemaOf, at } from "./crd-schema.ts";
import { complaints } from "./schema-complaints.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
  readonly rules?: readonly Rule[];
}

interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
}

const FOLDER = new URL("../../../deploy/", import.meta.url);

/** The documents of a manifest; that they are Kubernetes objects is what the tests look at. */
function manifests(file: string): readonly Manifest[] {
  return loadAll(readFileSync(new URL(file, FOLDER), "utf8")) as Manifest[];
}

function verbsOn(name: string, group: string, resource: string): readonly string[] {
  const rules = manifests("rbac.yaml").find((manifest) => manifest.kind.endsWith("Role") && manifest.metadata.name === name)?.rules ?? [];
  return rules.filter(({ apiGroups, resources }) => apiGroups.includes(group) && resources.includes(resource)).flatMap(({ verbs }) => verbs);
}

describe("the manifests", () => {
  it("kustomize takes every CRD and every other manifest in the folder", () => {
    const { resources } = load(readFileSync(new URL("kustomization.yaml", FOLDER), "utf8")) as { readonly resources: readonly string[] };
    const files = readdirSync(FOLDER).filter((file) => file.endsWith(".yaml") && file !== "kustomization.yaml");
    const all = [...files, ...readdirSync(new URL("crds/", FOLDER)).map((file) => `crds/${file}`)];
    assert.deepEqual([...resources].sort(), all.sort());
  });

  it("a CRD stands in the file that is named after its group and plural", () => {
    const expected = [...crds.values()].map(({ spec }) => `${spec.group}_${spec.names.plural}.yaml`);
    assert.deepEqual(readdirSync(new URL("crds/", FOLDER)).sort(), expected.sort());
  });

  it("the orchestrator may write every custom kind and its status, and read the catalog", () => {
    for (const { group, kind, plural } of Object.values<KindInfo>(kinds).filter(({ group }) => group === "kubernaut.ai")) {
      const verbs = verbsOn("remediation-orchestrator", group, plural);
      if (kind === "RemediationWorkflow") {
        assert.deepEqual(verbs, ["get", "list", "watch"]);
        continue;
      }
      assert.deepEqual(verbs, ["get", "list", "watch", "create", "update", "patch", "delete"], plural);
      assert.deepEqual(verbsOn("remediation-orchestrator", group, `${plural}/status`), ["get", "update", "patch"], plural);
    }
  });

  it("the orchestrator may handle Leases and Jobs, see pods and write Events", () => {
    assert.deepEqual(verbsOn("remediation-orchestrator", "coordination.k8s.io", "leases"), ["get", "list", "watch", "create", "update", "patch", "delete"]);
    assert.deepEqual(verbsOn("remediation-orchestrator", "batch", "jobs"), ["get", "list", "watch", "create", "patch", "delete"]);
    assert.deepEqual(verbsOn("remediation-orchestrator", "", "pods"), ["get", "list", "watch"]);
    assert.deepEqual(verbsOn("remediation-orchestrator", "", "events"), ["create", "patch"]);
  });

  it("outside its namespace the orchestrator only reads", () => {
    const cluster = manifests("rbac.yaml").find(({ kind }) => kind === "ClusterRole")?.rules ?? [];
    assert.ok(cluster.length > 0);
    for (const { verbs } of cluster) for (const verb of verbs) assert.ok(["get", "list", "watch"].includes(verb), verb);
  });

  it("the orchestrator may read every kind of target that we know", () => {
    const never = new Set(["Event", "Lease", "ConfigMap", "SelfSubjectAccessReview"]);
    for (const { group, kind, plural } of Object.values<KindInfo>(kinds)) {
      if (group === "kubernaut.ai" || never.has(kind)) continue;
      assert.ok(verbsOn("remediation-orchestrator-targets", group, plural).includes("get"), kind);
    }
  });

  it("every example of a custom kind fits its schema", () => {
    const files = readdirSync(new URL("examples/", FOLDER));
    const custom = files.flatMap((file) => manifests(`examples/${file}`)).filter(({ kind }) => crds.has(kind));
    assert.deepEqual(custom.map(({ kind }) => kind).sort(), ["RemediationRequest", "RemediationWorkflow", "RemediationWorkflow"]);
    for (const { kind, spec, metadata } of custom) {
      assert.equal(metadata.namespace, "kubernaut-system");
      assert.deepEqual(complaints(at(schemaOf(kind), "spec")?.schema ?? {}, spec, metadata.name), []);
    }
  });

  it("the demo namespace is in our care", () => {
    const shop = manifests("examples/shop.yaml").find(({ kind }) => kind === "Namespace");
    assert.equal(shop?.metadata.labels?.["kubernaut.ai/managed"], "true");
  });

  it("our finalizer is a qualified name, as the API server asks", () => {
    assert.match(WORKFLOW_EXECUTION_FINALIZER, /^kubernaut\.ai\/[a-z-]+$/);
  });
});
