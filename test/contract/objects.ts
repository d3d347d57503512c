import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import { at, eventually, JSON_PATCH, type RawApi } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

/** What is true of objects of every kind, shown on ConfigMaps. */
export function objectsContract(name: string, start: StartContractServer): void {
  suite(`${name}: objects`, start, (fact) => {
    createFacts(fact);
    changeFacts(fact);
    patchFacts(fact);
    deleteFacts(fact);
    ownerFacts(fact);
    listFacts(fact);
  });
}

function maps(api: RawApi): string {
  return `/api/v1/namespaces/${api.server.namespace}/configmaps`;
}

function map(name: string, meta: object = {}, data: object = { key: "value" }): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, ...meta }, data };
}

function ownedBy(owner: { readonly name: string; readonly uid: string }, blockOwnerDeletion = true): object {
  return { ownerReferences: [{ apiVersion: "v1", kind: "ConfigMap", ...owner, blockOwnerDeletion }] };
}

function createFacts(fact: Fact): void {
  fact("a created object carries uid, version and a creation time in whole seconds", async (api) => {
    const created = (await api.post(maps(api), map("created"))).expect(201);
    assert.match(created.uid, /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/);
    assert.match(created.version, /^[1-9]\d*$/);
    assert.match(created.word("metadata.creationTimestamp"), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
    assert.equal(created.at("metadata.namespace"), api.server.namespace);
    const read = (await api.get(`${maps(api)}/created`)).expect(200);
    assert.deepEqual(read.json, created.json);
  });

  fact("a name that is taken is refused", async (api) => {
    (await api.post(maps(api), map("taken"))).expect(201);
    const refused = (await api.post(maps(api), map("taken"))).refused(409, "AlreadyExists");
    assert.deepEqual(refused.at("details"), { name: "taken", kind: "configmaps" });
  });

  fact("a name is made from generateName", async (api) => {
    const created = (await api.post(maps(api), { apiVersion: "v1", kind: "ConfigMap", metadata: { generateName: "made-" } })).expect(201);
    assert.match(created.word("metadata.name"), /^made-[a-z0-9]{5}$/);
  });

  fact("nothing is created in a namespace that is not there", async (api) => {
    const refused = (await api.post("/api/v1/namespaces/nowhere/configmaps", map("lost"))).refused(404, "NotFound");
    assert.deepEqual(refused.at("details"), { name: "nowhere", kind: "namespaces" });
  });

  fact("a resourceVersion makes no sense on a new object", async (api) => {
    (await api.post(maps(api), map("versioned", { resourceVersion: "1" }))).refused(500, undefined);
  });

  fact("a dry run answers and stores nothing", async (api) => {
    const answer = (await api.post(`${maps(api)}?dryRun=All`, map("dry"))).expect(201);
    assert.equal(answer.at("metadata.resourceVersion"), undefined);
    (await api.get(`${maps(api)}/dry`)).refused(404, "NotFound");
    (await api.post(maps(api), map("dry"))).expect(201);
    (await api.call("DELETE", `${maps(api)}/dry?dryRun=All`)).expect(200);
    (await api.get(`${maps(api)}/dry`)).expect(200);
  });

  fact("an object of no version is of the version in the URL", async (api) => {
    const created = (await api.post(maps(api), { metadata: { name: "bare" } })).expect(201);
    assert.deepEqual([created.at("apiVersion"), created.at("kind")], ["v1", "ConfigMap"]);
  });
}

function changeFacts(fact: Fact): void {
  fact("a replace with a stale version is a conflict, without one it overwrites", async (api) => {
    const created = (await api.post(maps(api), map("replaced"))).expect(201);
    (await api.put(`${maps(api)}/replaced`, map("replaced", { resourceVersion: created.version }, { key: "new" }))).expect(200);
    (await api.put(`${maps(api)}/replaced`, map("replaced", { resourceVersion: created.version }, { key: "late" }))).refused(409, "Conflict");
    const blind = (await api.put(`${maps(api)}/replaced`, map("replaced", {}, { key: "blind" }))).expect(200);
    assert.equal(blind.at("data.key"), "blind");
    assert.equal(blind.uid, created.uid);
    assert.equal(blind.at("metadata.creationTimestamp"), created.at("metadata.creationTimestamp"));
  });

  fact("a replace of an object that is not there does not create it", async (api) => {
    (await api.put(`${maps(api)}/absent`, map("absent"))).refused(404, "NotFound");
  });

  fact("a replace that says the same is no write", async (api) => {
    const created = (await api.post(maps(api), map("same", { labels: { a: "b" } }))).expect(201);
    assert.equal((await api.put(`${maps(api)}/same`, created.json)).expect(200).version, created.version);
    assert.equal((await api.patch(`${maps(api)}/same`, { data: { key: "value" } })).expect(200).version, created.version);
  });

  fact("every write has a greater version than the one before, of whatever kind", async (api) => {
    const first = (await api.post(maps(api), map("counted"))).expect(201);
    const second = (await api.post(`/api/v1/namespaces/${api.server.namespace}/secrets`, { apiVersion: "v1", kind: "Secret", metadata: { name: "counted" } })).expect(201);
    const third = (await api.patch(`${maps(api)}/counted`, { data: { key: "next" } })).expect(200);
    assert.ok(BigInt(second.version) > BigInt(first.version));
    assert.ok(BigInt(third.version) > BigInt(second.version));
  });

  fact("an object that is not as new as was asked for is waited for, in vain", async (api) => {
    (await api.post(maps(api), map("future"))).expect(201);
    (await api.get(`${maps(api)}/future?resourceVersion=9000000000`)).refused(504, "Timeout");
    (await api.get(`${maps(api)}?resourceVersion=9000000000`)).refused(504, "Timeout");
  });
}

function patchFacts(fact: Fact): void {
  fact("a merge patch with a stale version is a conflict, with another uid it is invalid", async (api) => {
    const created = (await api.post(maps(api), map("merge"))).expect(201);
    (await api.patch(`${maps(api)}/merge`, { metadata: { uid: created.uid, resourceVersion: created.version }, data: { key: "new" } })).expect(200);
    (await api.patch(`${maps(api)}/merge`, { metadata: { resourceVersion: created.version }, data: { key: "late" } })).refused(409, "Conflict");
    (await api.patch(`${maps(api)}/merge`, { metadata: { uid: "another" }, data: { key: "other" } })).refused(422, "Invalid");
    assert.equal((await api.get(`${maps(api)}/merge`)).at("data.key"), "new");
  });

  fact("a JSON patch is applied as a whole, or not at all", async (api) => {
    (await api.post(maps(api), map("steps"))).expect(201);
    const test = { op: "test", path: "/data/key", value: "other" };
    const add = { op: "add", path: "/data/second", value: "2" };
    (await api.patch(`${maps(api)}/steps`, [add, test], { contentType: JSON_PATCH })).refused(422, "Invalid");
    (await api.patch(`${maps(api)}/steps`, [{ op: "remove", path: "/data/none" }], { contentType: JSON_PATCH })).refused(422, "Invalid");
    const patched = (await api.patch(`${maps(api)}/steps`, [{ ...test, value: "value" }, add, { op: "move", from: "/data/key", path: "/data/moved" }], { contentType: JSON_PATCH })).expect(200);
    assert.deepEqual(patched.at("data"), { moved: "value", second: "2" });
  });

  fact("a patch of what is not there finds nothing", async (api) => {
    (await api.patch(`${maps(api)}/absent`, { data: {} })).refused(404, "NotFound");
  });

  fact("fields that the kind does not have are dropped with a warning, or refused", async (api) => {
    const unknown = { ...map("unknown"), extra: 1 };
    const warned = (await api.post(`${maps(api)}?dryRun=All`, unknown)).expect(201);
    assert.equal(warned.headers["warning"], '299 - "unknown field \\"extra\\""');
    assert.equal(warned.at("extra"), undefined);
    (await api.post(`${maps(api)}?fieldValidation=Strict`, unknown)).refused(400, "BadRequest");
    const ignored = (await api.post(`${maps(api)}?fieldValidation=Ignore&dryRun=All`, unknown)).expect(201);
    assert.equal(ignored.headers["warning"], undefined);
  });
}

function deleteFacts(fact: Fact): void {
  fact("a delete with preconditions is exact", async (api) => {
    const created = (await api.post(maps(api), map("exact"))).expect(201);
    const { uid, version: resourceVersion } = created;
    (await api.delete(`${maps(api)}/exact`, { preconditions: { uid: "another" } })).refused(409, "Conflict");
    (await api.delete(`${maps(api)}/exact`, { preconditions: { uid, resourceVersion: "1" } })).refused(409, "Conflict");
    const deleted = (await api.delete(`${maps(api)}/exact`, { preconditions: { uid, resourceVersion } })).expect(200);
    assert.deepEqual([deleted.at("kind"), deleted.at("status"), deleted.at("details.uid")], ["Status", "Success", uid]);
    (await api.delete(`${maps(api)}/exact`, { preconditions: { uid, resourceVersion } })).refused(404, "NotFound");
  });

  fact("an object in deletion keeps its name until its last finalizer goes", async (api) => {
    (await api.post(maps(api), map("held", { finalizers: ["contract.test/hold"] }))).expect(201);
    const held = (await api.delete(`${maps(api)}/held`)).expect(200);
    assert.ok(held.at("metadata.deletionTimestamp"));
    assert.equal(held.at("metadata.deletionGracePeriodSeconds"), 0);
    (await api.post(maps(api), map("held"))).refused(409, "AlreadyExists");
    (await api.patch(`${maps(api)}/held`, { metadata: { finalizers: ["contract.test/hold", "contract.test/more"] } })).refused(422, "Invalid");
    (await api.patch(`${maps(api)}/held`, { metadata: { finalizers: null } })).expect(200);
    (await api.get(`${maps(api)}/held`)).refused(404, "NotFound");
    (await api.post(maps(api), map("held"))).expect(201);
  });

  fact("a collection is deleted by its labels", async (api) => {
    (await api.post(maps(api), map("swept-a", { labels: { sweep: "yes" } }))).expect(201);
    (await api.post(maps(api), map("swept-b", { labels: { sweep: "no" } }))).expect(201);
    (await api.delete(`${maps(api)}?labelSelector=sweep%3Dyes`)).expect(200);
    (await api.get(`${maps(api)}/swept-a`)).refused(404, "NotFound");
    (await api.get(`${maps(api)}/swept-b`)).expect(200);
  });

  fact("a namespace takes everything along and goes when nothing is left in it", async (api) => {
    const name = `${api.server.namespace}-inner`;
    (await api.post("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } })).expect(201);
    (await api.post(`/api/v1/namespaces/${name}/configmaps`, map("inside", { finalizers: ["contract.test/hold"] }))).expect(201);
    const deleted = (await api.delete(`/api/v1/namespaces/${name}`)).expect(200);
    assert.equal(deleted.at("status.phase"), "Terminating");
    const late = (await api.post(`/api/v1/namespaces/${name}/configmaps`, map("late"))).refused(403, "Forbidden");
    assert.equal(late.at("details.causes.0.reason"), "NamespaceTerminating");
    const inside = `/api/v1/namespaces/${name}/configmaps/inside`;
    await eventually(() => api.get(inside), (answer) => answer.at("metadata.deletionTimestamp") !== undefined);
    (await api.patch(inside, { metadata: { finalizers: null } })).expect(200);
    await eventually(() => api.get(`/api/v1/namespaces/${name}`), ({ status }) => status === 404);
  });
}

function ownerFacts(fact: Fact): void {
  const owner = async (api: RawApi, name: string) => ({ name, uid: (await api.post(maps(api), map(name))).expect(201).uid });
  const gone = (api: RawApi, name: string) => eventually(() => api.get(`${maps(api)}/${name}`), ({ status }) => status === 404);

  fact("what is owned goes after its owner", async (api) => {
    const parent = await owner(api, "parent");
    const child = (await api.post(maps(api), map("child", ownedBy(parent)))).expect(201);
    (await api.post(maps(api), map("grandchild", ownedBy({ name: "child", uid: child.uid })))).expect(201);
    (await api.delete(`${maps(api)}/parent`, { propagationPolicy: "Background" })).expect(200);
    (await api.get(`${maps(api)}/parent`)).refused(404, "NotFound");
    await gone(api, "child");
    await gone(api, "grandchild");
  });

  fact("what is born of an owner that is not there does not stay", async (api) => {
    (await api.post(maps(api), map("stray", ownedBy({ name: "nobody", uid: "00000000-0000-4000-8000-000000000000" })))).expect(201);
    await gone(api, "stray");
  });

  fact("a foreground deletion waits for what is owned", async (api) => {
    const parent = await owner(api, "front");
    (await api.post(maps(api), map("front-child", { ...ownedBy(parent), finalizers: ["contract.test/hold"] }))).expect(201);
    const deleted = (await api.delete(`${maps(api)}/front`, { propagationPolicy: "Foreground", preconditions: { uid: parent.uid } })).expect(200);
    assert.deepEqual(deleted.at("metadata.finalizers"), ["foregroundDeletion"]);
    await eventually(() => api.get(`${maps(api)}/front-child`), (answer) => answer.at("metadata.deletionTimestamp") !== undefined);
    (await api.get(`${maps(api)}/front`)).expect(200);
    (await api.patch(`${maps(api)}/front-child`, { metadata: { finalizers: null } })).expect(200);
    await gone(api, "front");
  });

  fact("an orphan loses the reference and stays", async (api) => {
    const parent = await owner(api, "leaving");
    (await api.post(maps(api), map("orphan", ownedBy(parent)))).expect(201);
    (await api.delete(`${maps(api)}/leaving`, { propagationPolicy: "Orphan" })).expect(200);
    await gone(api, "leaving");
    assert.equal((await api.get(`${maps(api)}/orphan`)).expect(200).at("metadata.ownerReferences"), undefined);
  });

  fact("one of two owners is enough", async (api) => {
    const [stays, goes] = [await owner(api, "stays"), await owner(api, "goes")];
    const references = [stays, goes].map(({ name, uid }) => ({ apiVersion: "v1", kind: "ConfigMap", name, uid }));
    (await api.post(maps(api), map("shared", { ownerReferences: references }))).expect(201);
    (await api.delete(`${maps(api)}/goes`)).expect(200);
    const shared = await eventually(() => api.get(`${maps(api)}/shared`), (answer) => answer.at("metadata.ownerReferences.1") === undefined);
    assert.equal(shared.at("metadata.ownerReferences.0.uid"), stays.uid);
  });
}

function listFacts(fact: Fact): void {
  const names = (items: unknown): readonly unknown[] => (Array.isArray(items) ? items.map((item) => at(item, "metadata.name")) : []);

  fact("labels select", async (api) => {
    for (const [name, labels] of Object.entries({ "sel-a": { app: "a", tier: "1" }, "sel-b": { app: "b" }, "sel-c": { tier: "2" } })) (await api.post(maps(api), map(name, { labels: { suite: "sel", ...labels } }))).expect(201);
    const select = async (selector: string) => names((await api.get(`${maps(api)}?labelSelector=${encodeURIComponent(`suite=sel,${selector}`)}`)).expect(200).at("items"));
    assert.deepEqual(await select("app=a"), ["sel-a"]);
    assert.deepEqual(await select("app!=a"), ["sel-b", "sel-c"]);
    assert.deepEqual(await select("app in (a,b)"), ["sel-a", "sel-b"]);
    assert.deepEqual(await select("app notin (a)"), ["sel-b", "sel-c"]);
    assert.deepEqual(await select("!app"), ["sel-c"]);
    assert.deepEqual(await select("app,tier"), ["sel-a"]);
    (await api.get(`${maps(api)}?labelSelector=${encodeURIComponent("app in (a")}`)).refused(400, "BadRequest");
  });

  fact("a name selects, an unknown field does not", async (api) => {
    (await api.post(maps(api), map("by-name"))).expect(201);
    const found = (await api.get(`${maps(api)}?fieldSelector=metadata.name%3Dby-name`)).expect(200);
    assert.deepEqual(names(found.at("items")), ["by-name"]);
    (await api.get(`${maps(api)}?fieldSelector=data.key%3Dvalue`)).refused(400, "BadRequest");
  });

  fact("items of a built-in kind do not repeat what the list is of", async (api) => {
    (await api.post(maps(api), map("item", { labels: { item: "yes" } }))).expect(201);
    const list = (await api.get(`${maps(api)}?labelSelector=item`)).expect(200);
    assert.deepEqual([list.at("kind"), list.at("apiVersion")], ["ConfigMapList", "v1"]);
    assert.deepEqual([list.at("items.0.kind"), list.at("items.0.apiVersion")], [undefined, undefined]);
  });

  fact("the pages of a list show one moment", async (api) => {
    for (const name of ["page-a", "page-b", "page-c"]) (await api.post(maps(api), map(name, { labels: { page: "yes" } }))).expect(201);
    const query = `${maps(api)}?labelSelector=page&limit=2`;
    const first = (await api.get(query)).expect(200);
    assert.deepEqual(names(first.at("items")), ["page-a", "page-b"]);
    (await api.post(maps(api), map("page-d", { labels: { page: "yes" } }))).expect(201);
    (await api.delete(`${maps(api)}/page-c`)).expect(200);
    const second = (await api.get(`${query}&continue=${encodeURIComponent(first.word("metadata.continue"))}`)).expect(200);
    assert.deepEqual(names(second.at("items")), ["page-c"]);
    assert.equal(second.version, first.version);
  });

  fact("a list is as old as was asked for", async (api) => {
    const created = (await api.post(maps(api), map("old", { labels: { old: "yes" } }))).expect(201);
    (await api.delete(`${maps(api)}/old`)).expect(200);
    const then = (await api.get(`${maps(api)}?labelSelector=old&resourceVersionMatch=Exact&resourceVersion=${created.version}`)).expect(200);
    assert.deepEqual(names(then.at("items")), ["old"]);
    const now = (await api.get(`${maps(api)}?labelSelector=old`)).expect(200);
    assert.deepEqual(names(now.at("items")), []);
    assert.ok(BigInt(now.version) > BigInt(created.version));
  });
}
