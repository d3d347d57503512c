import assert from "node:assert/strict";
import { test } from "node:test";
import { configMap, MAPS, PODS, wordAt, world, type World } from "./calls.ts";

const uidOf = ({ call }: World, url: string): string => wordAt(call("GET", url), "metadata.uid");
const ownedBy = (name: string, uid: string) => ({ ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", name, uid, blockOwnerDeletion: true }] });

/** owner -> child -> grandchild. */
function family(collectMs: number): World {
  const here = world({ collectMs });
  here.call("POST", MAPS, configMap("owner"));
  here.call("POST", MAPS, configMap("child", ownedBy("owner", uidOf(here, `${MAPS}/owner`))));
  here.call("POST", MAPS, configMap("grandchild", ownedBy("child", uidOf(here, `${MAPS}/child`))));
  return here;
}

test("garbage goes one level of ownership after the other, each in its time", async () => {
  const { call, clock } = family(100);
  call("DELETE", `${MAPS}/owner`);
  await clock.advance(99);
  assert.equal(call("GET", `${MAPS}/child`).status, 200);
  await clock.advance(1);
  assert.equal(call("GET", `${MAPS}/child`).status, 404);
  assert.equal(call("GET", `${MAPS}/grandchild`).status, 200);
  await clock.advance(100);
  assert.equal(call("GET", `${MAPS}/grandchild`).status, 404);
  assert.equal(clock.pendingTimers, 0);
});

test("the time that garbage stays may be another one for each object", async () => {
  const asked: string[] = [];
  let slow = "";
  const here = world({ collectMs: (uid) => (asked.push(uid), uid === slow ? 500 : 10) });
  here.call("POST", MAPS, configMap("owner"));
  for (const child of ["one", "other"]) here.call("POST", MAPS, configMap(child, ownedBy("owner", uidOf(here, `${MAPS}/owner`))));
  slow = uidOf(here, `${MAPS}/other`);
  here.call("DELETE", `${MAPS}/owner`);
  assert.ok(asked.includes(slow));
  await here.clock.advance(499);
  assert.deepEqual([here.call("GET", `${MAPS}/one`).status, here.call("GET", `${MAPS}/other`).status], [404, 200]);
  await here.clock.advance(1);
  assert.equal(here.call("GET", `${MAPS}/other`).status, 404);
});

test("a foreground deletion goes from the leaves to the root", async () => {
  const { call, clock } = family(10);
  call("DELETE", `${MAPS}/owner`, { propagationPolicy: "Foreground" });
  await clock.advance(10);
  assert.deepEqual(call("GET", `${MAPS}/child`).at("metadata.finalizers"), ["foregroundDeletion"]);
  await clock.advance(1000);
  for (const name of ["owner", "child", "grandchild"]) assert.equal(call("GET", `${MAPS}/${name}`).status, 404, name);
  assert.equal(clock.pendingTimers, 0);
});

test("a dependent that does not block is not waited for", async () => {
  const here = world({ collectMs: 10 });
  const { call, clock } = here;
  call("POST", MAPS, configMap("owner"));
  const [reference] = ownedBy("owner", uidOf(here, `${MAPS}/owner`)).ownerReferences;
  call("POST", MAPS, configMap("child", { ownerReferences: [{ ...reference, blockOwnerDeletion: false }], finalizers: ["test.example/hold"] }));
  call("DELETE", `${MAPS}/owner`, { propagationPolicy: "Foreground" });
  await clock.advance(100);
  assert.equal(call("GET", `${MAPS}/owner`).status, 404);
});

test("a dependent whose owner is of a kind that nobody serves is left alone", async () => {
  const { call, clock } = world();
  call("POST", MAPS, configMap("kept", { ownerReferences: [{ apiVersion: "nowhere.test/v1", kind: "Thing", name: "t", uid: "u" }] }));
  await clock.advance(60_000);
  assert.equal(call("GET", `${MAPS}/kept`).status, 200);
});

test("an owner in another namespace does not count", async () => {
  const here = world({ namespaces: ["other"] });
  here.call("POST", "/api/v1/namespaces/other/configmaps", configMap("owner"));
  here.call("POST", MAPS, configMap("child", ownedBy("owner", uidOf(here, "/api/v1/namespaces/other/configmaps/owner"))));
  await here.clock.advance(100);
  assert.equal(here.call("GET", `${MAPS}/child`).status, 404);
});

test("a successor under the owner's name is no owner", async () => {
  const { call, clock } = family(10);
  call("DELETE", `${MAPS}/owner`);
  call("POST", MAPS, configMap("owner"));
  await clock.advance(100);
  assert.equal(call("GET", `${MAPS}/child`).status, 404);
  assert.equal(call("GET", `${MAPS}/owner`).status, 200);
});

test("a pod on a node holds its namespace until it is gone", async () => {
  const { call, clock } = world({ namespaces: ["doomed"], collectMs: 10 });
  const pods = "/api/v1/namespaces/doomed/pods";
  call("POST", pods, { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { nodeName: "n", containers: [{ name: "a", image: "b" }] } });
  call("POST", "/api/v1/namespaces/doomed/configmaps", configMap("a"));
  call("DELETE", "/api/v1/namespaces/doomed");
  await clock.advance(1000);
  assert.equal(call("GET", "/api/v1/namespaces/doomed/configmaps/a").status, 404);
  assert.equal(call("GET", `${pods}/p`).at("metadata.deletionGracePeriodSeconds"), 30);
  assert.equal(call("GET", "/api/v1/namespaces/doomed").at("status.phase"), "Terminating");
  call("DELETE", `${pods}/p?gracePeriodSeconds=0`);
  await clock.advance(100);
  assert.equal(call("GET", "/api/v1/namespaces/doomed").status, 404);
});

test("the system's namespaces stay", () => {
  const { call } = world();
  for (const name of ["default", "kube-system", "kube-public"]) assert.equal(call("DELETE", `/api/v1/namespaces/${name}`).status, 403, name);
});

test("a pod's grace can be cut short, never extended", () => {
  const { call } = world();
  call("POST", PODS, { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { nodeName: "n", containers: [{ name: "a", image: "b" }] } });
  const grace = (seconds: number) => call("DELETE", `${PODS}/p?gracePeriodSeconds=${seconds}`).at("metadata.deletionGracePeriodSeconds");
  assert.deepEqual([grace(20), grace(60), grace(5)], [20, 20, 5]);
  call("DELETE", `${PODS}/p?gracePeriodSeconds=0`);
  assert.equal(call("GET", `${PODS}/p`).status, 404);
});

test("a pod that has ended goes at once", () => {
  const { call } = world();
  call("POST", PODS, { apiVersion: "v1", kind: "Pod", metadata: { name: "p" }, spec: { nodeName: "n", containers: [{ name: "a", image: "b" }] } });
  call("PATCH", `${PODS}/p/status`, { status: { phase: "Succeeded" } });
  call("DELETE", `${PODS}/p`);
  assert.equal(call("GET", `${PODS}/p`).status, 404);
});
