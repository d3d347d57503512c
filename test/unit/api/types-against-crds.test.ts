import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { API, type Checker, type Project, type Type } from "typescript/unstable/sync";
import { at, crds, schemaOf, type Schema } from "./crd-schema.ts";

/** Fields whose schema is any text (the published API says so), where we know and write certain words only. */
const WORDS_OF_OURS = new Set(["RemediationRequest.status.routingStatus.blockReason"]);

const FILES: Readonly<Record<string, string>> = {
  RemediationRequest: "remediation-request.ts",
  SignalProcessing: "signal-processing.ts",
  AIAnalysis: "ai-analysis.ts",
  RemediationApprovalRequest: "remediation-approval-request.ts",
  WorkflowExecution: "workflow-execution.ts",
  EffectivenessAssessment: "effectiveness-assessment.ts",
  NotificationRequest: "notification-request.ts",
  RemediationWorkflow: "remediation-workflow.ts",
};

/** The compiler's SymbolFlags.Optional; its enums are not exported at run time. */
const OPTIONAL_SYMBOL = 1 << 24;

describe("the TypeScript types against the schemas of the CRDs", () => {
  let api: API;
  let project: Project;

  before(() => {
    const root = fileURLToPath(new URL("../../../", import.meta.url));
    api = new API({ cwd: root });
    const snapshot = api.updateSnapshot({ openProjects: [`${root}tsconfig.json`] });
    const opened = snapshot.getProjects()[0];
    assert.ok(opened);
    project = opened;
  });
  after(() => api.close());

  function declaredType(file: string, name: string): Type {
    const source = project.program.getSourceFile(fileURLToPath(new URL(`../../../src/api/${file}`, import.meta.url)));
    assert.ok(source, file);
    const module = project.checker.getSymbolAtLocation(source);
    assert.ok(module);
    const symbol = project.checker.getMemberInModuleExports(module, name);
    assert.ok(symbol, name);
    return project.checker.getDeclaredTypeOfSymbol(symbol);
  }

  function compare(kind: string, file: string, root: Schema): number {
    const type = declaredType(file, kind);
    const walk = createWalk(project.checker, kind);
    for (const part of ["spec", "status"]) {
      const property = project.checker.getPropertyOfType(type, part);
      assert.ok(property);
      walk(project.checker.getTypeOfSymbol(property), at(root, part)?.schema ?? {}, part);
    }
    return walk.seen();
  }

  it("there is a type for each CRD", () => {
    assert.deepEqual(Object.keys(FILES).sort(), [...crds.keys()].sort());
  });

  for (const [kind, file] of Object.entries(FILES)) {
    it(`every field of ${kind} that is typed is in its schema, with the same type, words and necessity`, () => {
      const seen = compare(kind, file, schemaOf(kind));
      assert.ok(seen >= 30, `only ${seen} fields seen`);
    });
  }

  const ALTERATIONS: readonly (readonly [string, RegExp, (text: string) => string])[] = [
    ["a renamed field", /routingStatus\.blockedUntil is not in the schema/, (text) => text.replace('"blockedUntil"', '"blockedTill"')],
    ["a word more", /overallPhase: words/, (text) => text.replace('"Verifying","Blocked","Completed"', '"Verifying","Blocked","Stuck","Completed"')],
    ["another type", /consecutiveFailureCount: number in the type, string in the schema/, (text) => text.replace('"consecutiveFailureCount":{"type":"integer","format":"int32"}', '"consecutiveFailureCount":{"type":"string"}')],
    ["a field no longer required", /targetResource\.kind: required in the type only/, (text) => text.replace('"required":["kind","name"]', '"required":["name"]')],
    ["a field required now", /signalSource: optional in the type only/, (text) => text.replace('"signalName","signalType","targetResource"', '"signalName","signalSource","signalType","targetResource"')],
  ];
  for (const [what, message, alter] of ALTERATIONS) {
    it(`${what} in the schema is noticed`, () => {
      const before = JSON.stringify(schemaOf("RemediationRequest"));
      const after = alter(before);
      assert.notEqual(after, before);
      assert.throws(() => compare("RemediationRequest", "remediation-request.ts", JSON.parse(after) as Schema), message);
    });
  }
});

function createWalk(checker: Checker, kind: string) {
  let seen = 0;
  const walk = (type: Type | undefined, schema: Schema, path: string): void => {
    assert.ok(type, path);
    seen++;
    if (schema["x-kubernetes-preserve-unknown-fields"]) return;
    const parts = unionOf(type);
    const nullable = parts.some((part) => part.isIntrinsicType() && part.intrinsicName === "null");
    assert.equal(nullable, schema.nullable ?? false, `${kind}.${path}: nullable`);
    const values = parts.filter((part) => !(part.isIntrinsicType() && part.intrinsicName === "null"));
    if (schema["x-kubernetes-int-or-string"]) return assert.deepEqual(values.map(nameOf).sort(), ["number", "string"], `${kind}.${path}`);
    if (values.every((part) => part.isStringLiteralType())) return words(values, schema, path);
    const [only, ...others] = values;
    assert.ok(only, `${kind}.${path}`);
    if (nameOf(only) === "boolean") return assert.equal(schema.type, "boolean", `${kind}.${path}: type`);
    assert.equal(others.length, 0, `${kind}.${path}: a union that a schema can not say`);
    single(only, schema, path);
  };
  const words = (values: readonly Type[], schema: Schema, path: string): void => {
    assert.equal(schema.type, "string", `${kind}.${path}: type`);
    if (WORDS_OF_OURS.has(`${kind}.${path}`)) return assert.equal(schema.enum, undefined);
    const known = values.flatMap((value) => (value.isStringLiteralType() ? [value.value] : []));
    assert.deepEqual(known.sort(), [...(schema.enum ?? [])].sort(), `${kind}.${path}: words`);
  };
  const single = (type: Type, schema: Schema, path: string): void => {
    if (nameOf(type) === "string" || nameOf(type) === "number") {
      const expected = nameOf(type) === "string" ? ["string"] : ["number", "integer"];
      assert.ok(expected.includes(schema.type ?? ""), `${kind}.${path}: ${nameOf(type)} in the type, ${schema.type} in the schema`);
      return assert.equal(schema.enum, undefined, `${kind}.${path}: the schema knows its words, the type does not`);
    }
    if (checker.isArrayLikeType(type)) {
      assert.equal(schema.type, "array", `${kind}.${path}: type`);
      assert.ok(type.isTypeReference());
      return walk(checker.getTypeArguments(type)[0], schema.items ?? {}, `${path}[]`);
    }
    assert.equal(schema.type, "object", `${kind}.${path}: type`);
    const [index] = checker.getIndexInfosOfType(type);
    if (index) return walk(index.valueType, schema.additionalProperties ?? {}, `${path}{}`);
    fields(type, schema, path);
  };
  const fields = (type: Type, schema: Schema, path: string): void => {
    for (const property of checker.getPropertiesOfType(type)) {
      const child = schema.properties?.[property.name];
      assert.ok(child, `${kind}.${path}.${property.name} is not in the schema`);
      const optional = (property.flags & OPTIONAL_SYMBOL) !== 0;
      assert.equal(!optional, schema.required?.includes(property.name) ?? false, `${kind}.${path}.${property.name}: ${optional ? "optional" : "required"} in the type only`);
      walk(checker.getTypeOfSymbol(property), child, `${path}.${property.name}`);
    }
  };
  return Object.assign((type: Type | undefined, schema: Schema, path: string) => walk(type, schema, path), { seen: () => seen });
}

function unionOf(type: Type): readonly Type[] {
  if (!type.isUnionType()) return [type];
  return type.getTypes().filter((part) => !(part.isIntrinsicType() && part.intrinsicName === "undefined"));
}

/** `string`, `number`, `boolean` (also of its two literals), otherwise empty. */
function nameOf(type: Type): string {
  if (type.isBooleanLiteralType()) return "boolean";
  return type.isIntrinsicType() ? type.intrinsicName : "";
}
