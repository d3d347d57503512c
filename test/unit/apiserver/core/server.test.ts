import assert from "node:assert/strict";
import { test } from "node:test";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { configMap, LEASES, MAPS, PODS, seeded, wordAt, world } from "./calls.ts";

const CRDS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
const TOKENS = { one: { name: "replica-0", groups: [] }, two: { name: "replica-1", groups: [] } };

function gadgets(...versions: readonly string[]): object {
  const schema = { openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true } };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: "gadgets.example.com" },
    spec: { group: "example.com", scope: "Cluster", names: { kind: "Gadget", plural: "gadgets" }, versions: versions.map((name, at) => ({ name, served: true, storage: at === 0, schema })) },
  };
}

test("the same seed gives the same uids and names", () => {
  const made = () => {
    const { call } = world({ random: seeded(7) });
    return [call("POST", MAPS, configMap("a")).at("metadata.uid"), call("POST", MAPS, { metadata: { generateName: "x-" } }).at("metadata.name")];
  };
  assert.deepEqual(made(), made());
});

test("requests are counted by user, verb and kind", () => {
  const { call, server } = world({ tokens: TOKENS });
  call("POST", MAPS, configMap("a"), bearer("one"));
  call("POST", MAPS, configMap("a"), bearer("two"));
  call("GET", `${MAPS}/a`, undefined, bearer("two"));
  call("PATCH", `${PODS}/none/status`, {}, bearer("two"));
  assert.equal(server.log.writes({ user: "replica-0" }), 1);
  assert.equal(server.log.writes({ user: "replica-1" }), 2);
  assert.equal(server.log.count({ user: "replica-1", verb: "get", kind: "ConfigMap" }), 1);
  assert.equal(server.log.count({ code: 409 }), 1);
  assert.equal(server.log.count({ kind: "Pod", subresource: "status", code: 404 }), 1);
  server.log.clear();
  assert.equal(server.log.count(), 0);
});

test("kinds may be there from the beginning, and one that does not compile is refused", () => {
  const { call } = world({ customResourceDefinitions: [gadgets("v1") as JsonObject] });
  assert.equal(call("GET", "/apis/example.com/v1/gadgets").status, 200);
  assert.equal(call("GET", `${CRDS}/gadgets.example.com`).at("spec.names.singular"), "gadget");
  assert.throws(() => world({ customResourceDefinitions: [{ ...gadgets("v1"), spec: { versions: [{ name: "v1", served: true }] } }] }), /schemas are required/);
});

test("with tokens, nobody comes in without one", () => {
  const { call } = world({ tokens: TOKENS });
  assert.equal(call("GET", MAPS).status, 401);
  assert.equal(call("GET", MAPS, undefined, bearer("three")).status, 401);
  assert.equal(call("GET", "/readyz").status, 200);
  assert.equal(call("GET", MAPS, undefined, bearer("one")).status, 200);
});

test("what is refused is refused, and an access review says so", () => {
  const { call, server } = world({ tokens: TOKENS });
  const undo = server.refuse({ user: "replica-0", verb: "create", plural: "configmaps" });
  const review = (token: string) =>
    call("POST", "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", { spec: { resourceAttributes: { verb: "create", resource: "configmaps", namespace: "default" } } }, bearer(token)).at("status.allowed");
  const refused = call("POST", MAPS, configMap("a"), bearer("one"));
  assert.deepEqual([refused.status, refused.at("reason")], [403, "Forbidden"]);
  assert.deepEqual([review("one"), review("two")], [false, true]);
  assert.equal(call("GET", MAPS, undefined, bearer("one")).status, 200);
  assert.equal(call("POST", MAPS, configMap("a"), bearer("two")).status, 201);
  undo();
  assert.equal(review("one"), true);
});

test("server-side apply is refused with words that say what to do", () => {
  const { call } = world();
  const refused = call("PATCH", `${MAPS}/a?fieldManager=me`, configMap("a"), { "content-type": "application/apply-patch+yaml" });
  assert.equal(refused.status, 415);
  assert.match(wordAt(refused, "message"), /use client-side apply/);
});

test("a custom resource is served in all its versions and is one object", () => {
  const { call } = world();
  assert.equal(call("POST", CRDS, gadgets("v1", "v2")).status, 201);
  const made = call("POST", "/apis/example.com/v2/gadgets", { apiVersion: "example.com/v2", kind: "Gadget", metadata: { name: "g" }, spec: 1 });
  assert.deepEqual([made.status, made.at("apiVersion")], [201, "example.com/v2"]);
  const old = call("GET", "/apis/example.com/v1/gadgets/g");
  assert.deepEqual([old.at("apiVersion"), old.at("metadata.uid")], ["example.com/v1", made.at("metadata.uid")]);
  assert.equal(call("GET", "/apis/example.com/v2/gadgets").at("items.0.apiVersion"), "example.com/v2");
});

test("a definition that changes serves what it says now, one that goes takes its objects along", () => {
  const { call } = world();
  call("POST", CRDS, gadgets("v1"));
  const patched = call("PATCH", `${CRDS}/gadgets.example.com`, { spec: { versions: (gadgets("v1", "v2") as { readonly spec: { readonly versions: unknown } }).spec.versions } });
  assert.deepEqual([patched.status, patched.at("metadata.generation")], [200, 2]);
  call("POST", "/apis/example.com/v2/gadgets", { apiVersion: "example.com/v2", kind: "Gadget", metadata: { name: "g" } });
  assert.equal(call("GET", "/apis/example.com/v2/gadgets/g").status, 200);
  call("DELETE", `${CRDS}/gadgets.example.com`);
  assert.equal(call("GET", "/apis/example.com/v1/gadgets").status, 404);
  call("POST", CRDS, gadgets("v1"));
  assert.equal(call("GET", "/apis/example.com/v1/gadgets").at("items.0"), undefined);
});

test("an Event has two faces", () => {
  const { call } = world();
  call("POST", "/api/v1/namespaces/default/events", { metadata: { name: "e" }, involvedObject: { kind: "Pod", name: "p" }, reason: "R", message: "m", type: "Normal" });
  const other = call("GET", "/apis/events.k8s.io/v1/namespaces/default/events/e");
  assert.deepEqual([other.at("apiVersion"), other.at("note"), other.at("regarding.name")], ["events.k8s.io/v1", "m", "p"]);
  assert.equal(call("GET", "/apis/events.k8s.io/v1/namespaces/default/events?fieldSelector=regarding.name%3Dp").at("items.0.metadata.name"), "e");
  assert.equal(call("GET", "/api/v1/namespaces/default/events?fieldSelector=involvedObject.name%3Dp").at("items.0.metadata.name"), "e");
});

test("a pod is bound once", () => {
  const { call } = world();
  call("POST", PODS, { metadata: { name: "p" }, spec: { containers: [{ name: "a", image: "b" }] } });
  const bind = () => call("POST", `${PODS}/p/binding`, { target: { kind: "Node", name: "n" } });
  assert.equal(bind().status, 201);
  assert.equal(bind().status, 409);
  assert.equal(call("GET", `${PODS}/p`).at("spec.nodeName"), "n");
});

test("a pod's log is what its node says", () => {
  const { call } = world({ podLog: () => ["one", "two", "three"] });
  call("POST", PODS, { metadata: { name: "p" }, spec: { containers: [{ name: "a", image: "b" }] } });
  assert.equal(call("GET", `${PODS}/p/log`).text, "one\ntwo\nthree\n");
  assert.equal(call("GET", `${PODS}/p/log?tailLines=1`).text, "three\n");
  assert.equal(call("GET", `${PODS}/absent/log`).status, 404);
});

test("a Secret's text is stored encoded", () => {
  const { call } = world();
  const secret = call("POST", "/api/v1/namespaces/default/secrets", { metadata: { name: "s" }, stringData: { a: "b" } });
  assert.deepEqual([secret.at("data.a"), secret.at("stringData"), secret.at("type")], ["Yg==", undefined, "Opaque"]);
});

test("bare metadata is served to those who ask for it", () => {
  const { call } = world();
  call("POST", MAPS, { ...configMap("a"), data: { key: "value" } });
  const accept = { accept: "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1" };
  const one = call("GET", `${MAPS}/a`, undefined, accept);
  assert.deepEqual([one.at("kind"), one.at("metadata.name"), one.at("data")], ["PartialObjectMetadata", "a", undefined]);
  const list = call("GET", MAPS, undefined, accept);
  assert.deepEqual([list.at("kind"), list.at("items.0.kind")], ["PartialObjectMetadataList", "PartialObjectMetadata"]);
});

test("an unchanged answer costs no serialisation: it is the very same text", () => {
  const { call } = world();
  call("POST", LEASES, { metadata: { name: "l" }, spec: {} });
  assert.equal(call("GET", `${LEASES}/l`).text, call("GET", `${LEASES}/l`).text);
});

test("closing leaves no timer behind", () => {
  const { call, server, clock } = world();
  call("DELETE", "/api/v1/namespaces/kube-node-lease");
  assert.equal(clock.pendingTimers, 1);
  server.close();
  assert.equal(clock.pendingTimers, 0);
});
