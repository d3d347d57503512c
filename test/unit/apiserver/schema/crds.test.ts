import assert from "node:assert/strict";
import { readFileSync, readdirSync } from "node:fs";
import { describe, it } from "node:test";
import { load } from "js-yaml";
import type { JsonObject, ResourceInfo } from "../../../../src/apiserver/ports.ts";
import { rememberingCompiler } from "../../../../src/apiserver/remembering-compiler.ts";
import { compileCrd } from "../../../../src/apiserver/schema/crd-resources.ts";

const CRDS = new URL("../../../../deploy/crds/", import.meta.url);
const SAMPLES = new URL("../../../support/samples/", import.meta.url);

function resources(): ReadonlyMap<string, ResourceInfo> {
  const compiled = readdirSync(CRDS).filter((file) => file.endsWith(".yaml")).flatMap((file) => {
    const result = compileCrd(load(readFileSync(new URL(file, CRDS), "utf8")) as JsonObject);
    assert.equal(result.kind, "compiled", file);
    return result.kind === "compiled" ? result.resources : [];
  });
  return new Map(compiled.map((resource) => [resource.kind, resource]));
}

const byKind = resources();
const sample = (name: string): JsonObject => JSON.parse(readFileSync(new URL(`${name}.json`, SAMPLES), "utf8")) as JsonObject;

function schemaOf(kind: string): ResourceInfo["schema"] {
  const resource = byKind.get(kind);
  assert.ok(resource, kind);
  return resource.schema;
}

function change(object: JsonObject, part: string, fields: JsonObject): JsonObject {
  return { ...object, [part]: { ...(object[part] as JsonObject), ...fields } };
}

describe("the compiled schemas of our CRDs", () => {
  for (const file of readdirSync(SAMPLES)) {
    it(`take ${file} as it is: nothing pruned, nothing violated`, () => {
      const object = sample(file.replace(/\.json$/, ""));
      const schema = schemaOf(object["kind"] as string);
      assert.deepEqual(schema.prune(object).unknown, []);
      assert.deepEqual(schema.validate(object, undefined), []);
    });
  }

  const rr = sample("rr-completed");

  it("refuse what is missing, of the wrong type, not among the words, or against a pattern, each by its path", () => {
    const { signalName: _name, ...rest } = rr["spec"] as Record<string, string>;
    const bad = { ...rr, spec: { ...rest, targetType: "moon", signalFingerprint: "XYZ", severity: 3 } };
    const errors = schemaOf("RemediationRequest").validate(bad, undefined);
    assert.deepEqual(errors.map(({ field, reason }) => `${field} ${reason}`).toSorted(), [
      "spec.severity FieldValueTypeInvalid",
      "spec.signalFingerprint FieldValueInvalid",
      "spec.signalName FieldValueRequired",
      "spec.targetType FieldValueNotSupported",
    ]);
  });

  it("refuse a changed spec, with the rule's own words", () => {
    const [error] = schemaOf("RemediationRequest").validate(change(rr, "spec", { severity: "low" }), rr);
    assert.equal(error?.field, "spec");
    assert.match(error.message, /the spec is immutable/);
  });

  it("refuse to leave a terminal phase, and a WorkflowExecution to enter Pending again", () => {
    assert.equal(schemaOf("RemediationRequest").validate(change(rr, "status", { overallPhase: "Executing" }), rr).length, 1);
    const running = sample("wfe-running");
    assert.equal(schemaOf("WorkflowExecution").validate(change(running, "status", { phase: "Pending" }), running).length, 1);
    assert.deepEqual(schemaOf("WorkflowExecution").validate(change(running, "status", { phase: "Failed" }), running), []);
  });

  it("prune what no field names and say where it stood", () => {
    const { object, unknown } = schemaOf("RemediationRequest").prune(change(rr, "spec", { colour: "red" }));
    assert.deepEqual(unknown, ["spec.colour"]);
    assert.equal("colour" in (object["spec"] as object), false);
  });

  it("fill in defaults", () => {
    const notification = sample("nr-blocked");
    const { priority: _priority, ...spec } = notification["spec"] as Record<string, string>;
    const filled = schemaOf("NotificationRequest").withDefaults({ ...notification, spec });
    assert.equal((filled["spec"] as JsonObject)["priority"], "Medium");
  });

  it("keep free JSON as it is", () => {
    const running = sample("wfe-running");
    const free = change(running, "spec", { workflowRef: { ...((running["spec"] as JsonObject)["workflowRef"] as JsonObject), engineConfig: { any: [1, { thing: null }] } } });
    assert.deepEqual(schemaOf("WorkflowExecution").prune(free).unknown, []);
  });
});

describe("compiling a CustomResourceDefinition", () => {
  const crd = (schema: JsonObject): JsonObject => ({ spec: { group: "x.y", scope: "Namespaced", names: { kind: "Thing", plural: "things" }, versions: [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: schema } }] } });

  it("says where an expression does not parse", () => {
    const result = compileCrd(crd({ type: "object", "x-kubernetes-validations": [{ rule: "self ==" }] }));
    assert.equal(result.kind === "invalid" && result.errors[0]?.field, "spec.versions[0].schema.openAPIV3Schema");
  });

  it("refuses duplicates in lists of type map and set", () => {
    const list = { type: "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"], items: { type: "object", properties: { name: { type: "string" } } } };
    const result = compileCrd(crd({ type: "object", properties: { list } }));
    assert.equal(result.kind, "compiled");
    const errors = result.kind === "compiled" ? result.resources[0]?.schema.validate({ list: [{ name: "a" }, { name: "b" }, { name: "a" }] }, undefined) : undefined;
    assert.deepEqual(errors?.map(({ field }) => field), ["list[2]"]);
  });

  it("does not hold a rule against what is unchanged since before the rule", () => {
    const result = compileCrd(crd({ type: "object", properties: { spec: { type: "object", properties: { size: { type: "integer", maximum: 3 }, name: { type: "string" } } } } }));
    const schema = result.kind === "compiled" ? result.resources[0]?.schema : undefined;
    assert.deepEqual(schema?.validate({ spec: { size: 9, name: "b" } }, { spec: { size: 9, name: "a" } }), []);
    assert.equal(schema?.validate({ spec: { size: 8 } }, { spec: { size: 9 } }).length, 1);
  });
});

describe("a compiler that remembers", () => {
  const crd = (plural: string, versions: readonly JsonObject[]): JsonObject => ({ metadata: { name: `${plural}.example.com` }, spec: { group: "example.com", scope: "Namespaced", names: { plural, kind: plural.toUpperCase() }, versions } });
  const versions = [{ name: "v1", served: true, storage: true, schema: { openAPIV3Schema: { type: "object" } } }];

  it("compiles a spec once, whether its schemas are the same object or are spelt the same", () => {
    let times = 0;
    const compile = rememberingCompiler((one) => (times++, compileCrd(one)));
    for (const spelt of [versions, versions, structuredClone(versions)]) assert.equal(compile(crd("as", spelt)).kind, "compiled");
    assert.equal(times, 1);
  });

  it("does not take one kind for another that has the same schemas", () => {
    const compile = rememberingCompiler(compileCrd);
    const kindsOf = (plural: string) => {
      const compiled = compile(crd(plural, versions));
      return compiled.kind === "compiled" ? compiled.resources.map(({ kind }) => kind) : [];
    };
    assert.deepEqual([kindsOf("as"), kindsOf("bs")], [["AS"], ["BS"]]);
  });
});
