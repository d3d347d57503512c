import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import { at, eventually, type Answer, type RawApi } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

/** Jobs and their pods. The server needs a Job controller, and a node that plays `ro.dev/script` annotations. */
export function jobsContract(name: string, start: StartContractServer): void {
  suite(`${name}: jobs`, start, (fact) => {
    runFacts(fact);
    gateFacts(fact);
    deletionFacts(fact);
  });
}

function jobs(api: RawApi): string {
  return `/apis/batch/v1/namespaces/${api.server.namespace}/jobs`;
}

function job(name: string, runMs: number, suspend = true): object {
  const template = { metadata: { annotations: { "ro.dev/script": JSON.stringify({ runMs, exitCode: 0 }) } }, spec: { restartPolicy: "Never", terminationGracePeriodSeconds: 1, containers: [{ name: "workflow", image: "none" }] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { suspend, backoffLimit: 0, podReplacementPolicy: "Failed", template } };
}

function podsOf(api: RawApi, name: string): Promise<Answer> {
  return api.get(`/api/v1/namespaces/${api.server.namespace}/pods?labelSelector=${encodeURIComponent(`batch.kubernetes.io/job-name=${name}`)}`);
}

function hasCondition(answer: Answer, type: string): boolean {
  const conditions = answer.at("status.conditions");
  return Array.isArray(conditions) && conditions.some((condition) => at(condition, "type") === type && at(condition, "status") === "True");
}

function runFacts(fact: Fact): void {
  fact("a Job finds its pods by its uid", async (api) => {
    const created = (await api.post(jobs(api), job("labels", 10))).expect(201);
    assert.deepEqual(created.at("spec.selector.matchLabels"), { "batch.kubernetes.io/controller-uid": created.uid });
    assert.equal((created.at("spec.template.metadata.labels") as { readonly [key: string]: unknown })["batch.kubernetes.io/job-name"], "labels"); // The wire.
    assert.equal(created.at("metadata.generation"), 1);
  });

  fact("a suspended Job has no pod; resumed, it runs one and completes", async (api) => {
    const created = (await api.post(jobs(api), job("resumed", 20))).expect(201);
    await eventually(() => api.get(`${jobs(api)}/resumed`), (answer) => hasCondition(answer, "Suspended"));
    assert.deepEqual((await podsOf(api, "resumed")).at("items"), []);
    const resumed = (await api.patch(`${jobs(api)}/resumed`, { metadata: { uid: created.uid }, spec: { suspend: false } })).expect(200);
    assert.equal(resumed.at("metadata.generation"), 2);
    const completed = await eventually(() => api.get(`${jobs(api)}/resumed`), (answer) => hasCondition(answer, "Complete"));
    assert.equal(completed.at("status.succeeded"), 1);
    const pods = await podsOf(api, "resumed");
    assert.equal(pods.at("items.0.status.phase"), "Succeeded");
    assert.equal(pods.at("items.1"), undefined);
  });

  fact("defaults are filled in, and a Job's pods are as they were asked for until the end", async (api) => {
    const created = (await api.post(jobs(api), job("fixed", 10))).expect(201);
    const { completions, parallelism, completionMode, backoffLimit } = created.at("spec") as { readonly [key: string]: unknown }; // The wire.
    assert.deepEqual({ completions, parallelism, completionMode, backoffLimit }, { completions: 1, parallelism: 1, completionMode: "NonIndexed", backoffLimit: 0 });
    const change = (spec: object) => api.patch(`${jobs(api)}/fixed`, { spec });
    (await change({ template: { spec: { containers: [{ name: "workflow", image: "other" }] } } })).refused(422, "Invalid");
    (await change({ selector: { matchLabels: { mine: "yes" } } })).refused(422, "Invalid");
    (await change({ completions: 2 })).refused(422, "Invalid");
    (await change({ activeDeadlineSeconds: 60 })).expect(200);
    (await api.put(`${jobs(api)}/fixed`, job("fixed", 10))).refused(422, "Invalid");
  });

  fact("a Job says what its pods run, and that they are not restarted for ever", async (api) => {
    (await api.post(jobs(api), { apiVersion: "batch/v1", kind: "Job", metadata: { name: "bad" }, spec: {} })).refused(422, "Invalid");
    const always = { template: { spec: { restartPolicy: "Always", containers: [{ name: "a", image: "b" }] } } };
    (await api.post(jobs(api), { apiVersion: "batch/v1", kind: "Job", metadata: { name: "bad" }, spec: always })).refused(422, "Invalid");
  });

  fact("a resume of another Job under the name is refused", async (api) => {
    const first = (await api.post(jobs(api), job("renamed", 20))).expect(201);
    (await api.delete(`${jobs(api)}/renamed`, { propagationPolicy: "Background", preconditions: { uid: first.uid } })).expect(200);
    await eventually(() => api.post(jobs(api), job("renamed", 20)), ({ status }) => status === 201);
    (await api.patch(`${jobs(api)}/renamed`, { metadata: { uid: first.uid }, spec: { suspend: false } })).refused(422, "Invalid");
    assert.equal((await api.get(`${jobs(api)}/renamed`)).at("spec.suspend"), true);
  });
}

function gateFacts(fact: Fact): void {
  const binding = { apiVersion: "v1", kind: "Binding", metadata: { name: "gated" }, target: { kind: "Node", name: "some-node" } };
  const pod = (name: string, spec: object): object => ({ apiVersion: "v1", kind: "Pod", metadata: { name }, spec: { restartPolicy: "Never", containers: [{ name: "a", image: "none" }], ...spec } });
  const nodeOf = (answer: Answer): string => answer.word("spec.nodeName");

  fact("a pod behind a scheduling gate gets no node until the gate is gone", async (api) => {
    const pods = `/api/v1/namespaces/${api.server.namespace}/pods`;
    const gated = (await api.post(pods, pod("gated", { schedulingGates: [{ name: "contract.test/gate" }] }))).expect(201);
    assert.deepEqual([gated.at("status.conditions.0.type"), gated.at("status.conditions.0.status"), gated.at("status.conditions.0.reason")], ["PodScheduled", "False", "SchedulingGated"]);
    // A pod that comes later and runs shows that the node had its chance.
    (await api.post(pods, pod("open", {}))).expect(201);
    await eventually(() => api.get(`${pods}/open`), (answer) => answer.at("status.phase") === "Succeeded");
    assert.equal((await api.get(`${pods}/gated`)).version, gated.version, "nobody wrote it");
    (await api.post(`${pods}/gated/binding`, binding)).refused(409, "Conflict");
    (await api.patch(`${pods}/gated`, { spec: { schedulingGates: null } })).expect(200);
    await eventually(() => api.get(`${pods}/gated`), (answer) => nodeOf(answer) !== "" && answer.at("status.phase") === "Succeeded");
  });

  fact("a pod of another scheduler is left to it", async (api) => {
    const pods = `/api/v1/namespaces/${api.server.namespace}/pods`;
    const foreign = (await api.post(pods, pod("foreign", { schedulerName: "nobody" }))).expect(201);
    (await api.post(pods, pod("own", {}))).expect(201);
    await eventually(() => api.get(`${pods}/own`), (answer) => answer.at("status.phase") === "Succeeded");
    assert.equal((await api.get(`${pods}/foreign`)).version, foreign.version, "nobody wrote it");
    (await api.delete(`${pods}/foreign`)).expect(200);
  });
}

function deletionFacts(fact: Fact): void {
  fact("a Job that is deleted in the foreground stays until its pods are gone", async (api) => {
    const created = (await api.post(jobs(api), job("fenced", 60_000, false))).expect(201);
    await eventually(() => podsOf(api, "fenced"), (answer) => answer.at("items.0.status.phase") === "Running");
    (await api.delete(`${jobs(api)}/fenced`, { propagationPolicy: "Foreground", preconditions: { uid: "another" } })).refused(409, "Conflict");
    const deleted = (await api.delete(`${jobs(api)}/fenced`, { propagationPolicy: "Foreground", preconditions: { uid: created.uid } })).expect(200);
    assert.ok(deleted.at("metadata.deletionTimestamp"));
    assert.deepEqual(deleted.at("metadata.finalizers"), ["foregroundDeletion"]);
    await eventually(() => api.get(`${jobs(api)}/fenced`), ({ status }) => status === 404);
    assert.deepEqual((await podsOf(api, "fenced")).at("items"), []);
  });

  fact("a pod that no node has goes at once", async (api) => {
    const pods = `/api/v1/namespaces/${api.server.namespace}/pods`;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "unbound" }, spec: { schedulerName: "nobody", schedulingGates: [{ name: "contract.test/gate" }], containers: [{ name: "a", image: "none" }] } };
    (await api.post(pods, pod)).expect(201);
    (await api.delete(`${pods}/unbound`)).expect(200);
    (await api.get(`${pods}/unbound`)).refused(404, "NotFound");
  });

  fact("a pod on a node takes its grace period, unless it is told to go now", async (api) => {
    const pods = `/api/v1/namespaces/${api.server.namespace}/pods`;
    const pod = { apiVersion: "v1", kind: "Pod", metadata: { name: "bound", finalizers: ["contract.test/hold"] }, spec: { nodeName: "some-node", terminationGracePeriodSeconds: 20, containers: [{ name: "a", image: "none" }] } };
    (await api.post(pods, pod)).expect(201);
    const deleted = (await api.delete(`${pods}/bound`)).expect(200);
    assert.equal(deleted.at("metadata.deletionGracePeriodSeconds"), 20);
    const hurried = (await api.call("DELETE", `${pods}/bound?gracePeriodSeconds=0`)).expect(200);
    assert.equal(hurried.at("metadata.deletionGracePeriodSeconds"), 0);
    (await api.patch(`${pods}/bound`, { metadata: { finalizers: null } })).expect(200);
    (await api.get(`${pods}/bound`)).refused(404, "NotFound");
  });
}
