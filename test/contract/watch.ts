import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import { at, eventually, type RawApi, wordAt } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

/** Watches, shown on ConfigMaps. */
export function watchContract(name: string, start: StartContractServer): void {
  suite(`${name}: watches`, start, (fact) => {
    streamFacts(fact);
    lastStateFacts(fact);
    startFacts(fact);
    endFacts(fact);
  });
}

function maps(api: RawApi, namespace = api.server.namespace): string {
  return `/api/v1/namespaces/${namespace}/configmaps`;
}

function map(name: string, labels: object = {}): object {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { name, labels } };
}

async function now(api: RawApi): Promise<string> {
  return (await api.get(`${maps(api)}?limit=1`)).expect(200).version;
}

function streamFacts(fact: Fact): void {
  fact("every change after the version comes once, in order, with its version", async (api) => {
    const version = await now(api);
    (await api.post(maps(api), map("a"))).expect(201);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${version}`);
    const changed = (await api.patch(`${maps(api)}/a`, { data: { key: "value" } })).expect(200);
    (await api.delete(`${maps(api)}/a`)).expect(200);
    assert.equal((await watch.next())?.type, "ADDED");
    const modified = await watch.next();
    assert.deepEqual(modified, { type: "MODIFIED", object: changed.json });
    const deleted = await watch.next();
    assert.equal(deleted?.type, "DELETED");
    assert.equal(at(deleted?.object, "data.key"), "value");
    assert.ok(BigInt(wordAt(deleted?.object, "metadata.resourceVersion")) > BigInt(changed.version), "a deletion has a version of its own");
  });

  fact("an object comes and goes with the labels that are watched", async (api) => {
    const version = await now(api);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${version}&labelSelector=lock%3Dyes`);
    (await api.post(maps(api), map("b", { lock: "no" }))).expect(201);
    for (const lock of ["yes", "yes2", "yes", "no"]) (await api.patch(`${maps(api)}/b`, { metadata: { labels: { lock } } })).expect(200);
    (await api.patch(`${maps(api)}/b`, { metadata: { labels: { lock: "yes" } } })).expect(200);
    (await api.delete(`${maps(api)}/b`)).expect(200);
    assert.deepEqual(await watch.take(6), ["ADDED b", "DELETED b", "ADDED b", "DELETED b", "ADDED b", "DELETED b"]);
  });

  fact("an object that leaves the selection is told of as it was, under the version of the change", async (api) => {
    const created = (await api.post(maps(api), map("leaves", { leave: "no" }))).expect(201);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${created.version}&labelSelector=leave%3Dno`);
    const changed = (await api.patch(`${maps(api)}/leaves`, { metadata: { labels: { leave: "yes" } } })).expect(200);
    const event = await watch.next();
    assert.equal(event?.type, "DELETED");
    assert.equal(at(event?.object, "metadata.labels.leave"), "no");
    assert.equal(at(event?.object, "metadata.resourceVersion"), changed.version);
  });

  fact("another namespace is not heard of", async (api) => {
    const version = await now(api);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${version}&fieldSelector=metadata.name%3Dheard`);
    (await api.post(maps(api, "default"), map("heard"))).expect(201);
    (await api.delete(`${maps(api, "default")}/heard`)).expect(200);
    (await api.post(maps(api), map("heard"))).expect(201);
    const event = await watch.next();
    assert.equal(at(event?.object, "metadata.namespace"), api.server.namespace);
  });

  fact("an object in deletion is a change, its end another", async (api) => {
    const created = (await api.post(maps(api), { ...map("held"), metadata: { name: "held", finalizers: ["contract.test/hold"] } })).expect(201);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${created.version}&fieldSelector=metadata.name%3Dheld`);
    (await api.delete(`${maps(api)}/held`)).expect(200);
    (await api.patch(`${maps(api)}/held`, { metadata: { finalizers: null } })).expect(200);
    assert.deepEqual(await watch.take(2), ["MODIFIED held", "DELETED held"]);
  });
}

function lastStateFacts(fact: Fact): void {
  fact("the write that ends a deletion is not seen: the last state is the one before", async (api) => {
    const created = (await api.post(maps(api), { ...map("ending"), metadata: { name: "ending", finalizers: ["contract.test/hold"] }, data: { key: "before" } })).expect(201);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${created.version}&fieldSelector=metadata.name%3Dending`);
    (await api.delete(`${maps(api)}/ending`)).expect(200);
    (await api.patch(`${maps(api)}/ending`, { metadata: { finalizers: null }, data: { key: "after" } })).expect(200);
    await watch.next();
    const deleted = await watch.next();
    assert.equal(deleted?.type, "DELETED");
    assert.deepEqual([at(deleted?.object, "data.key"), at(deleted?.object, "metadata.finalizers")], ["before", ["contract.test/hold"]]);
  });

  fact("a pod that goes at once is marked first", async (api) => {
    const pods = `/api/v1/namespaces/${api.server.namespace}/pods`;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "marked" }, spec: { containers: [{ name: "a", image: "none" }], schedulingGates: [{ name: "contract.test/gate" }] } };
    const created = (await api.post(pods, pod)).expect(201);
    await using watch = await api.watch(`${pods}?resourceVersion=${created.version}&fieldSelector=metadata.name%3Dmarked`);
    (await api.delete(`${pods}/marked`)).expect(200);
    const marked = await watch.next();
    assert.deepEqual([marked?.type, at(marked?.object, "metadata.deletionGracePeriodSeconds")], ["MODIFIED", 0]);
    assert.ok(at(marked?.object, "metadata.deletionTimestamp"));
    assert.deepEqual(await watch.take(1), ["DELETED marked"]);
  });
}

function startFacts(fact: Fact): void {
  fact("a watch from no version, or from 0, begins with what is there", async (api) => {
    (await api.post(maps(api), map("there", { there: "yes" }))).expect(201);
    for (const query of ["labelSelector=there", "labelSelector=there&resourceVersion=0"]) {
      // From 0 it begins with what the watch cache has, which may be a moment behind.
      await eventually(() => api.get(`${maps(api)}?resourceVersion=0&labelSelector=there`), (answer) => answer.at("items.0") !== undefined);
      await using watch = await api.watch(`${maps(api)}?${query}`);
      assert.deepEqual(await watch.take(1), ["ADDED there"]);
    }
  });

  fact("initial events end with a bookmark that says so", async (api) => {
    (await api.post(maps(api), map("initial", { initial: "yes" }))).expect(201);
    await using watch = await api.watch(`${maps(api)}?labelSelector=initial&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`);
    assert.deepEqual(await watch.take(1), ["ADDED initial"]);
    const bookmark = await watch.next();
    assert.equal(bookmark?.type, "BOOKMARK");
    assert.deepEqual(at(bookmark?.object, "metadata.annotations"), { "k8s.io/initial-events-end": "true" });
    assert.match(wordAt(bookmark?.object, "metadata.resourceVersion"), /^[1-9]\d*$/);
  });

  fact("initial events want a version not older than", async (api) => {
    (await api.get(`${maps(api)}?watch=true&sendInitialEvents=true`)).refused(422, "Invalid");
    (await api.get(`${maps(api)}?watch=true&resourceVersionMatch=NotOlderThan`)).refused(422, "Invalid");
  });

  fact("a watch from a version to come hears nothing of what is before", async (api) => {
    const version = await now(api);
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${BigInt(version) + 1000n}&timeoutSeconds=1`);
    (await api.post(maps(api), map("before"))).expect(201);
    assert.equal(await watch.next(), undefined);
  });
}

function endFacts(fact: Fact): void {
  fact("a watch ends after the seconds that it was given", async (api) => {
    const version = await now(api);
    const startedMs = Date.now();
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${version}&timeoutSeconds=1`);
    assert.equal(await watch.next(), undefined);
    assert.ok(Date.now() - startedMs >= 900);
  });

  fact("a version that is forgotten is told of as an error in the stream, and the stream ends", async (api) => {
    if (!api.server.forgetHistory) return; // etcd compacts when it likes.
    const version = await now(api);
    (await api.post(maps(api), map("forgotten"))).expect(201);
    api.server.forgetHistory();
    await using watch = await api.watch(`${maps(api)}?resourceVersion=${version}`);
    const event = await watch.next();
    assert.equal(event?.type, "ERROR");
    assert.deepEqual([at(event?.object, "kind"), at(event?.object, "reason"), at(event?.object, "code")], ["Status", "Expired", 410]);
    assert.equal(await watch.next(), undefined);
    (await api.get(`${maps(api)}?resourceVersion=${version}&resourceVersionMatch=Exact`)).refused(410, "Expired");
  });
}
