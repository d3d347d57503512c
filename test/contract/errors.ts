import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import type { RawApi } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

/** What the server says to requests that can not be granted. */
export function errorsContract(name: string, start: StartContractServer): void {
  suite(`${name}: errors`, start, (fact) => {
    pathFacts(fact);
    bodyFacts(fact);
    metadataFacts(fact);
    optionFacts(fact);
  });
}

function maps(api: RawApi): string {
  return `/api/v1/namespaces/${api.server.namespace}/configmaps`;
}

function map(meta: object): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: meta };
}

function pathFacts(fact: Fact): void {
  fact("a token that nobody gave out is refused", async (api) => {
    (await api.get(maps(api), { token: "made-up" })).refused(401, "Unauthorized");
  });

  fact("anybody may ask for version and health", async (api) => {
    assert.match((await api.get("/version", { token: "" })).expect(200).word("gitVersion"), /^v1\.37\./);
    for (const path of ["/healthz", "/livez", "/readyz"]) assert.equal((await api.get(path, { token: "" })).expect(200).text, "ok");
  });

  fact("a resource that is not served is not found", async (api) => {
    (await api.get("/apis/contract.test/v1/nothings")).expect(404);
    (await api.get(`/api/v1/namespaces/${api.server.namespace}/nothings`)).expect(404);
    (await api.get("/nothing")).expect(404);
  });

  fact("an object that is not there is not found", async (api) => {
    const refused = (await api.get(`${maps(api)}/absent`)).refused(404, "NotFound");
    assert.equal(refused.at("message"), 'configmaps "absent" not found');
    assert.deepEqual(refused.at("details"), { name: "absent", kind: "configmaps" });
    const qualified = (await api.get(`/apis/coordination.k8s.io/v1/namespaces/${api.server.namespace}/leases/absent`)).refused(404, "NotFound");
    assert.equal(qualified.at("message"), 'leases.coordination.k8s.io "absent" not found');
    assert.deepEqual(qualified.at("details"), { name: "absent", group: "coordination.k8s.io", kind: "leases" });
  });

  fact("what is namespaced is created in a namespace", async (api) => {
    (await api.post("/api/v1/configmaps", map({ name: "nowhere" }))).refused(405, "MethodNotAllowed");
  });
}

function bodyFacts(fact: Fact): void {
  fact("text that does not parse is refused", async (api) => {
    (await api.post(maps(api), "{nonsense")).refused(400, "BadRequest");
    (await api.post(maps(api), "")).refused(400, "BadRequest");
  });

  fact("a media type that is not known is refused", async (api) => {
    (await api.post(maps(api), "text", { contentType: "text/plain" })).refused(415, "UnsupportedMediaType");
    (await api.post(maps(api), map({ name: "typed" }))).expect(201);
    (await api.patch(`${maps(api)}/typed`, {}, { contentType: "application/nonsense" })).refused(415, "UnsupportedMediaType");
    (await api.get(`${maps(api)}/typed`, { accept: "text/plain" })).refused(406, "NotAcceptable");
  });

  fact("YAML is taken as well", async (api) => {
    const created = (await api.post(maps(api), "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata:\n  key: value\n", { contentType: "application/yaml" })).expect(201);
    assert.equal(created.at("data.key"), "value");
    assert.match((await api.get(`${maps(api)}/yaml`, { accept: "application/yaml" })).expect(200).text, /^kind: ConfigMap$/m);
  });

  fact("an object of another kind is refused", async (api) => {
    (await api.post(maps(api), { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: "other" } })).refused(400, "BadRequest");
  });

  fact("name and namespace are those of the URL", async (api) => {
    (await api.post(maps(api), map({ name: "named" }))).expect(201);
    (await api.put(`${maps(api)}/named`, map({ name: "other" }))).refused(400, "BadRequest");
    (await api.patch(`${maps(api)}/named`, { metadata: { name: "other" } })).refused(400, "BadRequest");
    (await api.post(maps(api), map({ name: "stray", namespace: "default" }))).refused(400, "BadRequest");
  });
}

function metadataFacts(fact: Fact): void {
  const invalid = (what: string, meta: object, field: string): void => {
    fact(`metadata is checked: ${what}`, async (api) => {
      const refused = (await api.post(maps(api), map(meta))).refused(422, "Invalid");
      assert.equal(refused.at("details.kind"), "ConfigMap");
      assert.equal(refused.at("details.causes.0.field"), field);
    });
  };
  invalid("a name in capitals", { name: "Capital" }, "metadata.name");
  invalid("no name", {}, "metadata.name");
  invalid("a label key with a blank", { name: "a", labels: { "a b": "c" } }, "metadata.labels");
  invalid("a label value of 64 letters", { name: "a", labels: { a: "x".repeat(64) } }, "metadata.labels");
  invalid("an annotation key with two slashes", { name: "a", annotations: { "a/b/c": "d" } }, "metadata.annotations");
  invalid("an owner without uid", { name: "a", ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name: "o", uid: "" }] }, "metadata.ownerReferences[0].uid");
  invalid("a finalizer without a domain", { name: "a", finalizers: ["mine"] }, "metadata.finalizers[0]");
  const controllers = ["u1", "u2"].map((uid) => ({ apiVersion: "v1", kind: "ConfigMap", name: uid, uid, controller: true }));
  invalid("two controllers", { name: "a", ownerReferences: controllers }, "metadata.ownerReferences");

  fact("metadata of a wrong type is not even decoded", async (api) => {
    for (const meta of [{ labels: 5 }, { labels: { a: 5 } }, { finalizers: "x" }, { ownerReferences: {} }, { generateName: [] }]) {
      (await api.post(maps(api), map({ name: "types", ...meta }))).refused(400, "BadRequest");
    }
    (await api.post(maps(api), { apiVersion: "v1", kind: "ConfigMap", metadata: "text" })).refused(400, "BadRequest");
    (await api.post(maps(api), map({ name: "types" }))).expect(201);
    (await api.patch(`${maps(api)}/types`, { metadata: { labels: 5 } })).refused(422, "Invalid");
  });

  fact("uid and deletion time can not be changed", async (api) => {
    (await api.post(maps(api), map({ name: "fixed" }))).expect(201);
    (await api.patch(`${maps(api)}/fixed`, { metadata: { uid: "another" } })).refused(422, "Invalid");
    (await api.patch(`${maps(api)}/fixed`, { metadata: { deletionTimestamp: "2026-01-01T00:00:00Z" } })).refused(422, "Invalid");
  });
}

function optionFacts(fact: Fact): void {
  fact("options have to make sense", async (api) => {
    (await api.post(`${maps(api)}?dryRun=Some`, map({ name: "a" }))).refused(422, "Invalid");
    (await api.post(`${maps(api)}?fieldValidation=Some`, map({ name: "a" }))).refused(422, "Invalid");
    (await api.get(`${maps(api)}?limit=many`)).refused(400, "BadRequest");
    (await api.get(`${maps(api)}?continue=nonsense`)).refused(400, "BadRequest");
    (await api.get(`${maps(api)}?resourceVersion=new`)).refused(400, "BadRequest");
    (await api.get(`${maps(api)}?resourceVersionMatch=Exact`)).refused(422, "Invalid");
    (await api.get(`${maps(api)}?resourceVersion=0&resourceVersionMatch=Exact`)).refused(422, "Invalid");
    (await api.post(maps(api), map({ name: "options" }))).expect(201);
    (await api.call("DELETE", `${maps(api)}/options?propagationPolicy=Some`)).refused(422, "Invalid");
  });
}
