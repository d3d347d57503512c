import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { at, crds, pathsOf, schemaOf, versionOf, type Schema } from "./crd-schema.ts";
import { publishedKinds, type PublishedField } from "./published-fields.ts";

/** Fields that only our CRDs have. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  RemediationRequest: [
    "status.timeoutConfig.awaitingApproval",
    "status.timeoutConfig.verifying",
    "status.phaseProgress.awaitingApprovalStartTime",
    "status.phaseProgress.pausedSeconds",
    "status.routingStatus.blockedPhase",
    "status.routingStatus.blockedSince",
    "status.routingStatus.blockAttempt",
  ],
  WorkflowExecution: ["status.executionRef.uid"],
};

/** The schema at a node in the words of the published list, without the CEL rules that only speak of changes. */
function constraintsOf(schema: Schema): readonly string[] {
  const keywords = ["enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "format", "default"] as const;
  const mapKeys = schema["x-kubernetes-list-map-keys"];
  return [
    ...keywords.filter((keyword) => schema[keyword] !== undefined).map((keyword) => `${keyword}=${keyword === "enum" ? schema.enum?.join("|") : String(schema[keyword])}`),
    ...(schema.nullable ? ["nullable"] : []),
    ...(schema["x-kubernetes-preserve-unknown-fields"] ? ["any fields"] : []),
    ...(mapKeys ? [`list=${schema["x-kubernetes-list-type"]}(${mapKeys.join(",")})`] : []),
    ...rulesOf(schema).filter((rule) => !rule.includes("oldSelf")).map((rule) => `CEL ${rule}`),
  ];
}

function rulesOf(schema: Schema): readonly string[] {
  return (schema["x-kubernetes-validations"] ?? []).map(({ rule }) => rule);
}

function assertField(kind: string, field: PublishedField): void {
  const found = at(schemaOf(kind), field.path);
  assert.ok(found, `${kind} ${field.path} is missing`);
  const { schema, required } = found;
  assert.equal(schema.type ?? "any", field.type, `${kind} ${field.path}: type`);
  assert.equal(required, field.required, `${kind} ${field.path}: required`);
  const standing = field.constraints.filter((text) => !(text.startsWith("CEL ") && text.includes("oldSelf")));
  assert.deepEqual([...constraintsOf(schema)].sort(), [...standing].sort(), `${kind} ${field.path}: constraints`);
  const transitions = field.constraints.filter((text) => text.startsWith("CEL ")).map((text) => text.slice(4));
  for (const rule of transitions) assert.ok(rulesOf(schema).includes(rule), `${kind} ${field.path}: rule ${rule}`);
}

describe("the CRDs against the published fields", () => {
  it("there are eight kinds, and a CRD for each", () => {
    assert.equal(publishedKinds.length, 8);
    assert.deepEqual([...crds.keys()].sort(), publishedKinds.map(({ kind }) => kind).sort());
  });

  for (const { kind, plural, shortNames, selectable, fields } of publishedKinds) {
    describe(kind, () => {
      it("has the published names, scope, version and status subresource", () => {
        const crd = crds.get(kind);
        assert.equal(crd?.metadata.name, `${plural}.kubernaut.ai`);
        assert.equal(crd.spec.group, "kubernaut.ai");
        assert.equal(crd.spec.scope, "Namespaced");
        assert.equal(crd.spec.names.plural, plural);
        assert.deepEqual(crd.spec.names.shortNames, shortNames);
        assert.equal(crd.spec.versions.length, 1);
        const version = versionOf(kind);
        assert.equal(version.name, "v1alpha1");
        assert.deepEqual([version.served, version.storage, version.subresources], [true, true, { status: {} }]);
      });

      it("can be selected by the published fields", () => {
        const ours = versionOf(kind).selectableFields?.map(({ jsonPath }) => jsonPath) ?? [];
        for (const path of selectable) assert.ok(ours.includes(path), path);
      });

      it(`has each of its ${fields.length} published fields with the published type and rules`, () => {
        assert.ok(fields.length > 20);
        for (const field of fields) assertField(kind, field);
      });

      it("has no other fields than the published ones and those we list as ours", () => {
        const published = new Set(fields.flatMap(({ path }) => ancestors(path)));
        const others = pathsOf(schemaOf(kind)).filter((path) => !published.has(path) && !["apiVersion", "kind", "metadata"].includes(path));
        assert.deepEqual([...others].sort(), [...(OURS[kind] ?? [])].sort());
      });

      it("is stricter than the published API in rules about changes only", () => {
        const published = new Set(fields.flatMap(({ path, constraints }) => constraints.map((text) => `${path} ${text}`)));
        const root = schemaOf(kind);
        for (const path of ["", ...pathsOf(root)]) {
          const schema = at(root, path)?.schema ?? {};
          for (const rule of rulesOf(schema)) assert.ok(rule.includes("oldSelf") || published.has(`${path} CEL ${rule}`), `${path}: ${rule}`);
        }
        for (const path of OURS[kind] ?? []) assert.equal(at(root, path)?.required, false, path);
      });
    });
  }

  it("a WorkflowExecution can be selected by its target", () => {
    assert.ok(versionOf("WorkflowExecution").selectableFields?.some(({ jsonPath }) => jsonPath === ".spec.targetResource"));
  });

  it("kubectl get rr shows phase, outcome, reason, alert, target, workflow and age, and more when wide", () => {
    const columns = versionOf("RemediationRequest").additionalPrinterColumns ?? [];
    const shown = (wide: boolean) => columns.filter(({ priority }) => (priority ?? 0) > 0 === wide).map(({ name }) => name);
    assert.deepEqual(shown(false), ["Phase", "Outcome", "Reason", "Alert", "Target", "Workflow", "Age"]);
    assert.deepEqual(shown(true), ["Until", "Cluster", "Source", "Signal target"]);
  });

  it("every printer column points at a field of the schema", () => {
    for (const { kind } of publishedKinds) {
      for (const { name, jsonPath } of versionOf(kind).additionalPrinterColumns ?? []) {
        if (jsonPath.startsWith(".metadata.")) continue;
        assert.ok(at(schemaOf(kind), jsonPath.slice(1)), `${kind} ${name}: ${jsonPath}`);
      }
    }
  });
});

/** The path and every object and array on the way to it. */
function ancestors(path: string): readonly string[] {
  const steps = path.split(/(?=\.|\[\])/);
  return steps.map((_, index) => steps.slice(0, index + 1).join(""));
}
