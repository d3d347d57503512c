import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { KubeObject } from "../../../src/api/object.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { casStatus, exactDelete } from "../../../src/kube/compare-and-swap.ts";
import { isKubeError, KubeError, type KubeErrorReason } from "../../../src/kube/kube-error.ts";
import type { KubeClient, WatchEvent } from "../../../src/kube/ports.ts";
import { claimLease, workflowExecution } from "../../support/builders.ts";
import { KEY, PATH, RR, ScriptedTransport, status } from "./scripted-transport.ts";

let world: ScriptedTransport;

beforeEach(() => {
  world = new ScriptedTransport();
});

test("get reads by name, without a resourceVersion: a quorum read", async () => {
  world.answer(200, RR);
  assert.deepEqual(await world.client.get(kinds.RemediationRequest, KEY), RR);
  assert.equal(world.line(), `GET ${PATH}/rr-1`);
});

test("what is not there is an answer of get, not an error", async () => {
  world.answer(404, status(404, "NotFound"));
  assert.equal(await world.client.get(kinds.RemediationRequest, KEY), undefined);
});

test("cluster-scoped and core kinds have their own paths", async () => {
  world.answer(200, {});
  world.answer(200, {});
  await world.client.get(kinds.Namespace, { name: "shop" });
  await world.client.get(kinds.Pod, { namespace: "shop", name: "p" });
  assert.deepEqual([world.line(0), world.line(1)], ["GET /api/v1/namespaces/shop", "GET /api/v1/namespaces/shop/pods/p"]);
});

test("what others wait for is urgent: Leases, the status of a remediation, the birth of an execution, and no more", async () => {
  const at = { namespace: "shop", name: "a" };
  const sent: readonly (readonly [what: string, urgent: boolean, send: () => Promise<unknown>])[] = [
    ["create Lease", true, () => world.client.create(kinds.Lease, claimLease("rr-1"))],
    ["get Lease", true, () => world.client.get(kinds.Lease, at)],
    ["delete Lease", true, () => world.client.delete(kinds.Lease, at, { uid: "u" })],
    ["list Leases", false, () => world.client.list(kinds.Lease, { namespace: "shop" })],
    ["update status of a RemediationRequest", true, () => world.client.replaceStatus(kinds.RemediationRequest, RR)],
    ["get RemediationRequest", false, () => world.client.get(kinds.RemediationRequest, at)],
    ["create WorkflowExecution", true, () => world.client.create(kinds.WorkflowExecution, workflowExecution("rr-1"))],
    ["get WorkflowExecution", false, () => world.client.get(kinds.WorkflowExecution, at)],
    ["delete Job", false, () => world.client.delete(kinds.Job, at, { uid: "u" })],
  ];
  for (const [, , send] of sent) {
    world.answer(200, { metadata: {}, items: [] });
    await send();
  }
  assert.deepEqual(world.sent.map(({ urgent }, at) => `${sent[at]?.[0]}: ${urgent}`), sent.map(([what, urgent]) => `${what}: ${urgent}`));
});

test("create posts to the collection", async () => {
  world.answer(201, RR);
  const { name, namespace = "" } = RR.metadata;
  await world.client.create(kinds.RemediationRequest, { apiVersion: RR.apiVersion, kind: RR.kind, spec: RR.spec, metadata: { name, namespace } });
  assert.equal(world.line(), `POST ${PATH}`);
  assert.equal(world.sent[0]?.headers["content-type"], "application/json");
});

test("replace and replaceStatus put the very object, with every field that we do not know", async () => {
  const strange = { ...RR, spec: { ...RR.spec, invented: { later: [1] } } };
  world.answer(200, strange);
  world.answer(200, strange);
  assert.deepEqual(await world.client.replace(kinds.RemediationRequest, strange), strange);
  await world.client.replaceStatus(kinds.RemediationRequest, strange);
  assert.deepEqual([world.line(0), world.line(1)], [`PUT ${PATH}/rr-1`, `PUT ${PATH}/rr-1/status`]);
  assert.deepEqual(world.bodyOf(0), strange);
});

test("an object without uid or resourceVersion can not be replaced", async () => {
  for (const missing of ["uid", "resourceVersion"]) {
    const bare = { ...RR, metadata: { ...RR.metadata, [missing]: "" } };
    await assert.rejects(world.client.replace(kinds.RemediationRequest, bare), TypeError);
    await assert.rejects(world.client.replaceStatus(kinds.RemediationRequest, bare), TypeError);
  }
  assert.equal(world.sent.length, 0);
});

test("patch is a merge patch that says which object it is for", async () => {
  world.answer(200, RR);
  await world.client.patch(kinds.RemediationRequest, KEY, { metadata: { uid: "u" }, spec: { suspend: false } });
  assert.equal(world.line(), `PATCH ${PATH}/rr-1`);
  assert.equal(world.sent[0]?.headers["content-type"], "application/merge-patch+json");
  assert.deepEqual(world.bodyOf(), { metadata: { uid: "u" }, spec: { suspend: false } });
});

test("delete carries its preconditions, and how dependents go", async () => {
  world.answer(200, status(200, ""));
  await world.client.delete(kinds.Job, { namespace: "shop", name: "j" }, { uid: "u", resourceVersion: "7" }, { propagation: "Foreground" });
  assert.equal(world.line(), "DELETE /apis/batch/v1/namespaces/shop/jobs/j");
  assert.deepEqual(world.bodyOf(), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "u", resourceVersion: "7" }, propagationPolicy: "Foreground" });
});

const reasons: readonly (readonly [number, string, KubeErrorReason])[] = [
  [400, "BadRequest", "BadRequest"],
  [401, "Unauthorized", "Unauthorized"],
  [403, "Forbidden", "Forbidden"],
  [404, "NotFound", "NotFound"],
  [409, "AlreadyExists", "AlreadyExists"],
  [409, "Conflict", "Conflict"],
  [410, "Gone", "Expired"],
  [410, "Expired", "Expired"],
  [422, "Invalid", "Invalid"],
  [429, "TooManyRequests", "TooManyRequests"],
  [500, "InternalError", "ServerError"],
  [503, "ServiceUnavailable", "ServerError"],
  [504, "Timeout", "ServerError"],
  [405, "MethodNotAllowed", "BadRequest"],
];
for (const [code, said, reason] of reasons) {
  test(`${code} ${said} is ${reason}, with the server's words`, async () => {
    world.answer(code, status(code, said, "because"));
    await assert.rejects(world.client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, reason) && error.status === code && error.message === "because");
  });
}

test("an answer that is no Status is told by its status, with its text", async () => {
  world.answer(503, "upstream connect error");
  await assert.rejects(world.client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, "ServerError") && error.message === "upstream connect error");
  world.answer(409, "");
  await assert.rejects(world.client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, "Conflict"));
});

test("a list is read to its last page, and its items say what they are", async () => {
  world.answer(200, { metadata: { resourceVersion: "20", continue: "next" }, items: [{ metadata: { name: "a" } }] });
  world.answer(200, { metadata: { resourceVersion: "20" }, items: [{ metadata: { name: "b" } }] });
  const list = await world.client.list(kinds.Lease, { namespace: "shop", labelSelector: "a=b", fieldSelector: "metadata.name=x" });
  assert.deepEqual(list, { resourceVersion: "20", items: ["a", "b"].map((name) => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } })) });
  const root = "GET /apis/coordination.k8s.io/v1/namespaces/shop/leases?limit=500&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx";
  assert.deepEqual([world.line(0), world.line(1)], [root, `${root}&continue=next`]);
});

test("a list of nothing is an empty one", async () => {
  world.answer(200, { metadata: { resourceVersion: "20" }, items: null });
  assert.deepEqual(await world.client.list(kinds.Lease), { items: [], resourceVersion: "20" });
});

test("a list whose next page has grown too old begins anew, once", async () => {
  const page = { metadata: { resourceVersion: "20", continue: "next" }, items: [{ metadata: { name: "a" } }] };
  world.answer(200, page);
  world.answer(410, status(410, "Expired"));
  world.answer(200, { ...page, metadata: { resourceVersion: "30" } });
  assert.equal((await world.client.list(kinds.Lease)).items.length, 1);
  world.answer(200, page);
  world.answer(410, status(410, "Expired"));
  world.answer(200, page);
  world.answer(410, status(410, "Expired"));
  await assert.rejects(world.client.list(kinds.Lease), (error) => isKubeError(error, "Expired"));
});

test("a watch asks for bookmarks, from a version, for a time", async () => {
  world.answer(200, `${JSON.stringify({ type: "ADDED", object: RR })}\n`);
  assert.deepEqual(await events({ namespace: "kubernaut-system", labelSelector: "a", resourceVersion: "5", timeoutSeconds: 300 }), [{ type: "ADDED", object: RR }]);
  assert.equal(world.line(), `GET ${PATH}?watch=1&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300&labelSelector=a`);
});

test("a refused watch says why", async () => {
  world.answer(410, status(410, "Expired", "too old"));
  await assert.rejects(events({ resourceVersion: "5", timeoutSeconds: 300 }), (error) => isKubeError(error, "Expired") && error.message === "too old");
});

test("a watch of nonsense is a watch that broke", async () => {
  world.answer(200, "<html>\n");
  await assert.rejects(events({ resourceVersion: "5", timeoutSeconds: 300 }), (error) => isKubeError(error, "Unreachable"));
});

test("a swap whose object has moved on is an answer", async () => {
  world.answer(200, RR);
  assert.deepEqual(await casStatus(world.client, kinds.RemediationRequest, RR), { kind: "written", object: RR });
  world.answer(409, status(409, "Conflict"));
  assert.deepEqual(await casStatus(world.client, kinds.RemediationRequest, RR), { kind: "stale" });
  world.answer(404, status(404, "NotFound"));
  assert.deepEqual(await casStatus(world.client, kinds.RemediationRequest, RR), { kind: "stale" });
  world.answer(422, status(422, "Invalid"));
  await assert.rejects(casStatus(world.client, kinds.RemediationRequest, RR), (error) => isKubeError(error, "Invalid"));
  world.fail(new KubeError("UnknownOutcome", "reset"));
  await assert.rejects(casStatus(world.client, kinds.RemediationRequest, RR), (error) => isKubeError(error, "UnknownOutcome"));
});

test("an exact delete tells deleted, gone and moved apart", async () => {
  const deleting = (precondition?: "version" | "uid"): Promise<string> => exactDelete(world.client, kinds.RemediationRequest, RR, precondition ? { precondition } : {});
  world.answer(200, {});
  assert.equal(await deleting(), "deleted");
  world.answer(404, status(404, "NotFound"));
  assert.equal(await deleting(), "gone");
  world.answer(409, status(409, "Conflict"));
  assert.equal(await deleting("uid"), "moved");
  const { uid, resourceVersion } = RR.metadata;
  assert.deepEqual(world.bodyOf(0), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } });
  assert.deepEqual(world.bodyOf(2), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } });
});

async function events(query: Parameters<KubeClient["watch"]>[1]): Promise<readonly WatchEvent<KubeObject>[]> {
  const found: WatchEvent<KubeObject>[] = [];
  for await (const event of world.client.watch(kinds.RemediationRequest, query, { signal: new AbortController().signal })) found.push(event);
  return found;
}
