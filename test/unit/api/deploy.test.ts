import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { load, loadAll } from "js-yaml";
import { WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import { WORKERS } from "../../../src/config.ts";
import { clusterRights, neededRights, rightName } from "../../../src/needed-rights.ts";
import { granted, shipped } from "../../support/shipped-rights.ts";
import { crds, schemaOf, at } from "./crd-schema.ts";
import { complaints } from "./schema-complaints.ts";

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec?: unknown;
}

const FOLDER = new URL("../../../deploy/", import.meta.url);

/** The documents of a manifest; that they are Kubernetes objects is what the tests look at. */
function manifests(file: string): readonly Manifest[] {
  return loadAll(readFileSync(new URL(file, FOLDER), "utf8")) as Manifest[];
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

  it("the Role grants what the program needs in its namespace, and nothing else (BR-ORCH-050)", () => {
    assert.deepEqual(granted(shipped("Role").rules).toSorted(), neededRights(WORKERS).map(rightName).toSorted());
  });

  it("the ClusterRole lets targets be read by name, and nothing else", () => {
    assert.deepEqual(granted(shipped("ClusterRole").rules).toSorted(), clusterRights(WORKERS).map(rightName).toSorted());
    assert.ok(shipped("ClusterRole").rules?.every(({ verbs }) => verbs.join() === "get"));
  });

  it("no right is granted twice, none by a wildcard, and Leases in one namespace only", () => {
    const all = [...granted(shipped("Role").rules), ...granted(shipped("ClusterRole").rules)];
    // Jobs are read in our namespace, and as targets anywhere.
    assert.deepEqual(all.filter((right, at) => all.indexOf(right) !== at), ["get jobs.batch"]);
    assert.deepEqual(all.filter((right) => right.includes("*")), []);
    assert.deepEqual(granted(shipped("ClusterRole").rules).filter((right) => right.includes("leases")), []);
  });

  it("without workers a replica needs no right to run anything, and reads no target", () => {
    const needed = neededRights([]).map(rightName);
    assert.deepEqual(needed.filter((right) => /jobs|pods|remediationworkflows|patch/.test(right)), []);
    assert.deepEqual(needed.filter((right) => right.endsWith("/status")), ["update remediationrequests.kubernaut.ai/status"]);
    assert.deepEqual(clusterRights([]).map(rightName), ["get namespaces"]);
    const all = new Set(neededRights(WORKERS).map(rightName));
    assert.deepEqual(needed.filter((right) => !all.has(right)), []);
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
