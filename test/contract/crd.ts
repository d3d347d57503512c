import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import type { StartContractServer } from "./contract-server.ts";
import { at, eventually, type RawApi, wordAt } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Custom resources: from their definition to their end. */
export function crdContract(name: string, start: StartContractServer): void {
  // The definition is no namespaced thing: a group of its own keeps runs apart.
  const group = `${randomBytes(4).toString("hex")}.contract.test`;
  suite(`${name}: custom resources`, start, (fact) => {
    definitionFacts(fact, group);
    schemaFacts(fact, group);
    partFacts(fact, group);
    endFacts(fact, group);
  });
}

function definition(group: string): object {
  const spec = {
    type: "object",
    required: ["color"],
    properties: { color: { type: "string", maxLength: 5 }, size: { type: "integer", default: 3 }, mode: { type: "string", enum: ["a", "b"] }, free: { type: "object", "x-kubernetes-preserve-unknown-fields": true } },
    "x-kubernetes-validations": [{ rule: "!has(oldSelf.mode) || (has(self.mode) && self.mode == oldSelf.mode)", message: "mode is final" }],
  };
  const status = { type: "object", properties: { phase: { type: "string" } } };
  const version = { name: "v1", served: true, storage: true, subresources: { status: {} }, selectableFields: [{ jsonPath: ".spec.color" }], schema: { openAPIV3Schema: { type: "object", properties: { spec, status } } } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `widgets.${group}` },
    spec: { group, scope: "Namespaced", names: { kind: "Widget", plural: "widgets", shortNames: ["wd"] }, versions: [version] },
  };
}

function widgets(api: RawApi, group: string): string {
  return `/apis/${group}/v1/namespaces/${api.server.namespace}/widgets`;
}

function widget(group: string, name: string, spec: object = { color: "red" }, meta: object = {}, more: object = {}): object {
  return { apiVersion: `${group}/v1`, kind: "Widget", metadata: { name, ...meta }, spec, ...more };
}

function definitionFacts(fact: Fact, group: string): void {
  fact("a definition is accepted, established, and its kind is served", async (api) => {
    (await api.post(CRDS, definition(group))).expect(201);
    const established = await eventually(
      () => api.get(`${CRDS}/widgets.${group}`),
      (answer) => {
        const conditions = answer.at("status.conditions");
        return Array.isArray(conditions) && conditions.some((condition) => at(condition, "type") === "Established" && at(condition, "status") === "True");
      },
    );
    assert.equal(established.at("spec.names.singular"), "widget");
    assert.equal(established.at("spec.names.listKind"), "WidgetList");
    assert.deepEqual(established.at("status.storedVersions"), ["v1"]);
    const list = await eventually(() => api.get(widgets(api, group)), ({ status }) => status === 200);
    assert.equal(list.at("kind"), "WidgetList");
  });

  fact("items of a list say what they are", async (api) => {
    await eventually(() => api.post(widgets(api, group), widget(group, "item")), ({ status }) => status === 201);
    const list = (await api.get(widgets(api, group))).expect(200);
    assert.deepEqual([list.at("items.0.kind"), list.at("items.0.apiVersion")], ["Widget", `${group}/v1`]);
  });
}

function schemaFacts(fact: Fact, group: string): void {
  fact("defaults are filled in", async (api) => {
    assert.equal((await api.post(widgets(api, group), widget(group, "default"))).expect(201).at("spec.size"), 3);
  });

  fact("unknown fields are dropped with a warning, kept where the schema says so, refused when strict", async (api) => {
    const unknown = widget(group, "unknown", { color: "red", extra: 1, free: { any: { thing: true } } }, {}, { top: 1 });
    (await api.post(`${widgets(api, group)}?fieldValidation=Strict`, unknown)).refused(400, "BadRequest");
    const created = (await api.post(widgets(api, group), unknown)).expect(201);
    assert.deepEqual(created.at("spec"), { color: "red", size: 3, free: { any: { thing: true } } });
    assert.equal(created.at("top"), undefined);
    assert.match(String(created.headers["warning"]), /unknown field \\"spec\.extra\\"/);
  });

  fact("what the schema forbids is invalid, field by field", async (api) => {
    const refused = (await api.post(widgets(api, group), widget(group, "bad", { color: "purple", size: "big", mode: "c" }))).refused(422, "Invalid");
    const causes = refused.at("details.causes");
    assert.ok(Array.isArray(causes));
    // The real server adds a cause that names no field: the rules were not looked at.
    const named = causes.filter((cause) => at(cause, "field") !== "<nil>");
    assert.deepEqual(named.map((cause) => `${wordAt(cause, "field")} ${wordAt(cause, "reason")}`).toSorted(), ["spec.color FieldValueTooLong", "spec.mode FieldValueNotSupported", "spec.size FieldValueTypeInvalid"]);
    const missing = (await api.post(widgets(api, group), widget(group, "bad", {}))).refused(422, "Invalid");
    assert.deepEqual([missing.at("details.causes.0.field"), missing.at("details.causes.0.reason")], ["spec.color", "FieldValueRequired"]);
  });

  fact("a rule about a change holds for changes", async (api) => {
    (await api.post(widgets(api, group), widget(group, "final", { color: "red", mode: "a" }))).expect(201);
    const refused = (await api.patch(`${widgets(api, group)}/final`, { spec: { mode: "b" } })).refused(422, "Invalid");
    assert.match(refused.word("message"), /mode is final/);
    (await api.patch(`${widgets(api, group)}/final`, { spec: { color: "blue" } })).expect(200);
  });

  fact("a selectable field selects, another does not", async (api) => {
    (await api.post(widgets(api, group), widget(group, "green", { color: "green" }))).expect(201);
    const found = (await api.get(`${widgets(api, group)}?fieldSelector=spec.color%3Dgreen`)).expect(200);
    assert.equal(found.at("items.0.metadata.name"), "green");
    assert.equal(found.at("items.1"), undefined);
    (await api.get(`${widgets(api, group)}?fieldSelector=spec.size%3D3`)).refused(400, "BadRequest");
  });
}

function partFacts(fact: Fact, group: string): void {
  fact("status is written apart from everything else, and only the rest counts as a generation", async (api) => {
    const created = (await api.post(widgets(api, group), widget(group, "parts", { color: "red" }, {}, { status: { phase: "early" } }))).expect(201);
    assert.deepEqual([created.at("metadata.generation"), created.at("status")], [1, undefined]);
    const spec = (await api.patch(`${widgets(api, group)}/parts`, { spec: { color: "blue" }, status: { phase: "early" } })).expect(200);
    assert.deepEqual([spec.at("metadata.generation"), spec.at("status")], [2, undefined]);
    const status = (await api.patch(`${widgets(api, group)}/parts/status`, { metadata: { labels: { a: "b" } }, spec: { color: "green" }, status: { phase: "late" } })).expect(200);
    assert.deepEqual([status.at("metadata.generation"), status.at("metadata.labels"), status.at("spec.color"), status.at("status.phase")], [2, undefined, "blue", "late"]);
    const labels = (await api.patch(`${widgets(api, group)}/parts`, { metadata: { labels: { a: "b" } } })).expect(200);
    assert.equal(labels.at("metadata.generation"), 2);
    const replaced = (await api.put(`${widgets(api, group)}/parts`, { ...labels.json, spec: { color: "red", size: 3 }, status: { phase: "lost" } })).expect(200);
    assert.deepEqual([replaced.at("metadata.generation"), replaced.at("status.phase")], [3, "late"]);
  });

  fact("a status that says the same is no write", async (api) => {
    (await api.post(widgets(api, group), widget(group, "quiet"))).expect(201);
    const first = (await api.patch(`${widgets(api, group)}/quiet/status`, { status: { phase: "x" } })).expect(200);
    assert.equal((await api.put(`${widgets(api, group)}/quiet/status`, first.json)).expect(200).version, first.version);
  });

  fact("a PUT needs the version, and an object that is there", async (api) => {
    const created = (await api.post(widgets(api, group), widget(group, "put"))).expect(201);
    (await api.put(`${widgets(api, group)}/put`, widget(group, "put", { color: "blue" }))).refused(422, "Invalid");
    (await api.put(`${widgets(api, group)}/put`, widget(group, "put", { color: "blue" }, { resourceVersion: "1" }))).refused(409, "Conflict");
    (await api.put(`${widgets(api, group)}/put`, widget(group, "put", { color: "blue" }, { resourceVersion: created.version, uid: "another" }))).refused(409, "Conflict");
    (await api.put(`${widgets(api, group)}/put`, widget(group, "put", { color: "blue" }, { resourceVersion: created.version }))).expect(200);
    (await api.put(`${widgets(api, group)}/absent`, widget(group, "absent", {}, { resourceVersion: created.version }))).refused(404, "NotFound");
  });

  fact("there is no strategic merge of custom resources", async (api) => {
    (await api.post(widgets(api, group), widget(group, "strategic"))).expect(201);
    (await api.patch(`${widgets(api, group)}/strategic`, {}, { contentType: "application/strategic-merge-patch+json" })).refused(415, "UnsupportedMediaType");
  });

  fact("a deletion that begins counts as a generation", async (api) => {
    (await api.post(widgets(api, group), widget(group, "held", { color: "red" }, { finalizers: ["contract.test/hold"] }))).expect(201);
    assert.equal((await api.delete(`${widgets(api, group)}/held`)).expect(200).at("metadata.generation"), 2);
    (await api.patch(`${widgets(api, group)}/held`, { metadata: { finalizers: null } })).expect(200);
  });
}

function endFacts(fact: Fact, group: string): void {
  fact("the objects go with their definition", async (api) => {
    (await api.delete(`${CRDS}/widgets.${group}`)).expect(200);
    await eventually(() => api.get(`${CRDS}/widgets.${group}`), ({ status }) => status === 404);
    await eventually(() => api.get(widgets(api, group)), ({ status }) => status === 404);
  });
}
