import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { KubeObject } from "../../../src/api/object.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { createKubeClient, type KubeClientDeps, type RequestRecord } from "../../../src/kube/client.ts";
import { casStatus, exactDelete } from "../../../src/kube/compare-and-swap.ts";
import { isKubeError, KubeError, type KubeErrorReason } from "../../../src/kube/kube-error.ts";
import type { KubeClient, WatchEvent } from "../../../src/kube/ports.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../../src/kube/transport.ts";
import { remediationRequest } from "../../support/builders.ts";

type Answer = (request: TransportRequest) => TransportResponse | Promise<TransportResponse>;

let clock: FakeClock;
let sent: TransportRequest[];
let answers: Answer[];
let records: RequestRecord[];
let client: KubeClient;

beforeEach(() => {
  clock = new FakeClock();
  sent = [];
  answers = [];
  records = [];
  client = clientWith({});
});

/** A transport that answers as the test says. */
const transport: Transport = {
  async request(request) {
    sent.push(request);
    const answer = answers.shift();
    if (!answer) throw new Error("no answer was scripted");
    return answer(request);
  },
  async stream(request) {
    const { status, headers, body } = await this.request(request);
    return { status, headers, chunks: chunksOf(body) };
  },
  close: async () => undefined,
};

async function* chunksOf(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}

function clientWith(given: Partial<KubeClientDeps>): KubeClient {
  return createKubeClient({ transport, clock, onRequest: (record) => void records.push(record), ...given });
}

function answer(status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
  answers.push(() => ({ status, headers, body: typeof body === "string" ? body : JSON.stringify(body) }));
}

function fail(error: unknown): void {
  answers.push(() => {
    throw error;
  });
}

const status = (code: number, reason: string, message = reason): object => ({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message });
const bodyOf = (index = 0): unknown => JSON.parse(sent[index]?.body ?? "null");
const line = (index = 0): string => `${sent[index]?.method} ${sent[index]?.path}`;

const RR = remediationRequest("rr-1", { overallPhase: "Pending" });
const KEY = { namespace: RR.metadata.namespace ?? "", name: "rr-1" };
const PATH = "/apis/kubernaut.ai/v1alpha1/namespaces/kubernaut-system/remediationrequests";

test("get reads by name, without a resourceVersion: a quorum read", async () => {
  answer(200, RR);
  assert.deepEqual(await client.get(kinds.RemediationRequest, KEY), RR);
  assert.equal(line(), `GET ${PATH}/rr-1`);
});

test("what is not there is an answer of get, not an error", async () => {
  answer(404, status(404, "NotFound"));
  assert.equal(await client.get(kinds.RemediationRequest, KEY), undefined);
});

test("cluster-scoped and core kinds have their own paths", async () => {
  answer(200, {});
  answer(200, {});
  await client.get(kinds.Namespace, { name: "shop" });
  await client.get(kinds.Pod, { namespace: "shop", name: "p" });
  assert.deepEqual([line(0), line(1)], ["GET /api/v1/namespaces/shop", "GET /api/v1/namespaces/shop/pods/p"]);
});

test("create posts to the collection", async () => {
  answer(201, RR);
  const { name, namespace = "" } = RR.metadata;
  await client.create(kinds.RemediationRequest, { apiVersion: RR.apiVersion, kind: RR.kind, spec: RR.spec, metadata: { name, namespace } });
  assert.equal(line(), `POST ${PATH}`);
  assert.equal(sent[0]?.headers["content-type"], "application/json");
});

test("replace and replaceStatus put the very object, with every field that we do not know", async () => {
  const strange = { ...RR, spec: { ...RR.spec, invented: { later: [1] } } };
  answer(200, strange);
  answer(200, strange);
  assert.deepEqual(await client.replace(kinds.RemediationRequest, strange), strange);
  await client.replaceStatus(kinds.RemediationRequest, strange);
  assert.deepEqual([line(0), line(1)], [`PUT ${PATH}/rr-1`, `PUT ${PATH}/rr-1/status`]);
  assert.deepEqual(bodyOf(0), strange);
});

test("an object without uid or resourceVersion can not be replaced", async () => {
  for (const missing of ["uid", "resourceVersion"]) {
    const bare = { ...RR, metadata: { ...RR.metadata, [missing]: "" } };
    await assert.rejects(client.replace(kinds.RemediationRequest, bare), TypeError);
    await assert.rejects(client.replaceStatus(kinds.RemediationRequest, bare), TypeError);
  }
  assert.equal(sent.length, 0);
});

test("patch is a merge patch that says which object it is for", async () => {
  answer(200, RR);
  await client.patch(kinds.RemediationRequest, KEY, { metadata: { uid: "u" }, spec: { suspend: false } });
  assert.equal(line(), `PATCH ${PATH}/rr-1`);
  assert.equal(sent[0]?.headers["content-type"], "application/merge-patch+json");
  assert.deepEqual(bodyOf(), { metadata: { uid: "u" }, spec: { suspend: false } });
});

test("delete carries its preconditions, and how dependents go", async () => {
  answer(200, status(200, ""));
  await client.delete(kinds.Job, { namespace: "shop", name: "j" }, { uid: "u", resourceVersion: "7" }, { propagation: "Foreground" });
  assert.equal(line(), "DELETE /apis/batch/v1/namespaces/shop/jobs/j");
  assert.deepEqual(bodyOf(), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: "u", resourceVersion: "7" }, propagationPolicy: "Foreground" });
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
    answer(code, status(code, said, "because"));
    await assert.rejects(client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, reason) && error.status === code && error.message === "because");
  });
}

test("an answer that is no Status is told by its status, with its text", async () => {
  answer(503, "upstream connect error");
  await assert.rejects(client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, "ServerError") && error.message === "upstream connect error");
  answer(409, "");
  await assert.rejects(client.create(kinds.RemediationRequest, RR), (error) => isKubeError(error, "Conflict"));
});

test("a list is read to its last page, and its items say what they are", async () => {
  answer(200, { metadata: { resourceVersion: "20", continue: "next" }, items: [{ metadata: { name: "a" } }] });
  answer(200, { metadata: { resourceVersion: "20" }, items: [{ metadata: { name: "b" } }] });
  const list = await client.list(kinds.Lease, { namespace: "shop", labelSelector: "a=b", fieldSelector: "metadata.name=x" });
  assert.deepEqual(list, { resourceVersion: "20", items: ["a", "b"].map((name) => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name } })) });
  const root = "GET /apis/coordination.k8s.io/v1/namespaces/shop/leases?limit=500&labelSelector=a%3Db&fieldSelector=metadata.name%3Dx";
  assert.deepEqual([line(0), line(1)], [root, `${root}&continue=next`]);
});

test("a list of nothing is an empty one", async () => {
  answer(200, { metadata: { resourceVersion: "20" }, items: null });
  assert.deepEqual(await client.list(kinds.Lease), { items: [], resourceVersion: "20" });
});

test("a list whose next page has grown too old begins anew, once", async () => {
  const page = { metadata: { resourceVersion: "20", continue: "next" }, items: [{ metadata: { name: "a" } }] };
  answer(200, page);
  answer(410, status(410, "Expired"));
  answer(200, { ...page, metadata: { resourceVersion: "30" } });
  assert.equal((await client.list(kinds.Lease)).items.length, 1);
  answer(200, page);
  answer(410, status(410, "Expired"));
  answer(200, page);
  answer(410, status(410, "Expired"));
  await assert.rejects(client.list(kinds.Lease), (error) => isKubeError(error, "Expired"));
});

test("a read waits as long as the server asks, within its deadline", async () => {
  answer(429, status(429, "TooManyRequests"), { "retry-after": "3" });
  answer(200, RR);
  const read = client.get(kinds.RemediationRequest, KEY);
  await clock.advance(2999);
  assert.equal(sent.length, 1);
  await clock.advance(1);
  assert.deepEqual(await read, RR);
  assert.equal(sent[1]?.deadlineMs, 7000);
});

test("a read does not wait beyond its deadline", async () => {
  answer(429, status(429, "TooManyRequests"), { "retry-after": "3" });
  await assert.rejects(client.get(kinds.RemediationRequest, KEY, { deadlineMs: 3000 }), (error) => isKubeError(error, "TooManyRequests") && error.retryAfterMs === 3000);
  assert.equal(clock.pendingTimers, 0);
});

test("a read whose connection broke is sent once more, not twice", async () => {
  fail(new KubeError("Unreachable", "reset"));
  answer(200, RR);
  assert.deepEqual(await run(client.get(kinds.RemediationRequest, KEY)), RR);
  fail(new KubeError("Unreachable", "reset"));
  fail(new KubeError("Unreachable", "reset again"));
  await assert.rejects(run(client.get(kinds.RemediationRequest, KEY)), /reset again/);
});

test("a read that was given up for its deadline is not begun again", async () => {
  answers.push(async () => {
    await clock.sleep(10_000);
    throw new KubeError("Unreachable", "no answer within 10000 ms");
  });
  await assert.rejects(run(client.get(kinds.RemediationRequest, KEY), 10_000), /no answer within/);
  assert.equal(sent.length, 1);
});

test("a read that its caller gave up is not sent again", async () => {
  const stop = new AbortController();
  answers.push(() => {
    stop.abort(new Error("enough"));
    throw new KubeError("Unreachable", "reset");
  });
  await assert.rejects(client.get(kinds.RemediationRequest, KEY, { signal: stop.signal }));
  assert.equal(sent.length, 1);
});

const writes: Readonly<Record<string, (client: KubeClient) => Promise<unknown>>> = {
  create: (client) => client.create(kinds.RemediationRequest, RR),
  replace: (client) => client.replace(kinds.RemediationRequest, RR),
  replaceStatus: (client) => client.replaceStatus(kinds.RemediationRequest, RR),
  patch: (client) => client.patch(kinds.RemediationRequest, KEY, { metadata: { uid: "u" } }),
  delete: (client) => client.delete(kinds.RemediationRequest, KEY, { uid: "u" }),
};
for (const [verb, write] of Object.entries(writes)) {
  test(`${verb} is sent once, whatever becomes of it`, async () => {
    fail(new KubeError("UnknownOutcome", "reset"));
    await assert.rejects(write(client), (error) => isKubeError(error, "UnknownOutcome"));
    fail(new KubeError("Unreachable", "refused"));
    await assert.rejects(write(client), (error) => isKubeError(error, "Unreachable"));
    answer(429, status(429, "TooManyRequests"), { "retry-after": "1" });
    await assert.rejects(write(client), (error) => isKubeError(error, "TooManyRequests") && error.retryAfterMs === 1000);
    answer(500, status(500, "InternalError"));
    await assert.rejects(write(client), (error) => isKubeError(error, "ServerError"));
    assert.equal(sent.length, 4);
    assert.equal(clock.pendingTimers, 0);
  });
}

test("every request is told: verb, kind, status, how long it took; 0 when no answer came", async () => {
  answers.push(async () => {
    await clock.sleep(40);
    return { status: 200, headers: {}, body: JSON.stringify(RR) };
  });
  await run(client.get(kinds.RemediationRequest, KEY), 40);
  fail(new KubeError("UnknownOutcome", "reset"));
  await client.create(kinds.RemediationRequest, RR).catch(() => undefined);
  answer(200, "");
  await events({ resourceVersion: "5", timeoutSeconds: 300 });
  assert.deepEqual(records, [
    { verb: "get", kind: "RemediationRequest", status: 200, durationMs: 40 },
    { verb: "create", kind: "RemediationRequest", status: 0, durationMs: 0 },
    { verb: "watch", kind: "RemediationRequest", status: 200, durationMs: 0 },
  ]);
});

test("a watch asks for bookmarks, from a version, for a time", async () => {
  answer(200, `${JSON.stringify({ type: "ADDED", object: RR })}\n`);
  assert.deepEqual(await events({ namespace: "kubernaut-system", labelSelector: "a", resourceVersion: "5", timeoutSeconds: 300 }), [{ type: "ADDED", object: RR }]);
  assert.equal(line(), `GET ${PATH}?watch=1&allowWatchBookmarks=true&resourceVersion=5&timeoutSeconds=300&labelSelector=a`);
});

test("a refused watch says why", async () => {
  answer(410, status(410, "Expired", "too old"));
  await assert.rejects(events({ resourceVersion: "5", timeoutSeconds: 300 }), (error) => isKubeError(error, "Expired") && error.message === "too old");
});

test("a watch of nonsense is a watch that broke", async () => {
  answer(200, "<html>\n");
  await assert.rejects(events({ resourceVersion: "5", timeoutSeconds: 300 }), (error) => isKubeError(error, "Unreachable"));
});

test("a swap whose object has moved on is an answer", async () => {
  answer(200, RR);
  assert.deepEqual(await casStatus(client, kinds.RemediationRequest, RR), { kind: "written", object: RR });
  answer(409, status(409, "Conflict"));
  assert.deepEqual(await casStatus(client, kinds.RemediationRequest, RR), { kind: "stale" });
  answer(404, status(404, "NotFound"));
  assert.deepEqual(await casStatus(client, kinds.RemediationRequest, RR), { kind: "stale" });
  answer(422, status(422, "Invalid"));
  await assert.rejects(casStatus(client, kinds.RemediationRequest, RR), (error) => isKubeError(error, "Invalid"));
  fail(new KubeError("UnknownOutcome", "reset"));
  await assert.rejects(casStatus(client, kinds.RemediationRequest, RR), (error) => isKubeError(error, "UnknownOutcome"));
});

test("an exact delete tells deleted, gone and moved apart", async () => {
  const deleting = (precondition?: "version" | "uid"): Promise<string> => exactDelete(client, kinds.RemediationRequest, RR, precondition ? { precondition } : {});
  answer(200, {});
  assert.equal(await deleting(), "deleted");
  answer(404, status(404, "NotFound"));
  assert.equal(await deleting(), "gone");
  answer(409, status(409, "Conflict"));
  assert.equal(await deleting("uid"), "moved");
  const { uid, resourceVersion } = RR.metadata;
  assert.deepEqual(bodyOf(0), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } });
  assert.deepEqual(bodyOf(2), { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid } });
});

async function events(query: Parameters<KubeClient["watch"]>[1]): Promise<readonly WatchEvent<KubeObject>[]> {
  const found: WatchEvent<KubeObject>[] = [];
  for await (const event of client.watch(kinds.RemediationRequest, query, { signal: new AbortController().signal })) found.push(event);
  return found;
}

/** Lets time pass while something waits. */
async function run<T>(doing: Promise<T>, durationMs = 0): Promise<T> {
  const [result] = await Promise.allSettled([doing, clock.advance(durationMs)]);
  if (result.status === "rejected") throw result.reason;
  return result.value;
}
