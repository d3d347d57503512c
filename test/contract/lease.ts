import assert from "node:assert/strict";
import type { StartContractServer } from "./contract-server.ts";
import type { RawApi } from "./raw-api.ts";
import { suite, type Fact } from "./suite.ts";

/** Leases, as locks rest on them. */
export function leaseContract(name: string, start: StartContractServer): void {
  suite(`${name}: Leases`, start, (fact) => {
    specFacts(fact);
    writeFacts(fact);
  });
}

function leases(api: RawApi): string {
  return `/apis/coordination.k8s.io/v1/namespaces/${api.server.namespace}/leases`;
}

function lease(name: string, spec?: object, meta: object = {}): object {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name, ...meta }, ...(spec ? { spec } : {}) };
}

function specFacts(fact: Fact): void {
  fact("a time has exactly six fractional digits", async (api) => {
    for (const renewTime of ["2026-01-01T00:00:00Z", "2026-01-01T00:00:00.123Z", "2026-01-01T00:00:00.1234567Z", "yesterday"]) {
      (await api.post(leases(api), lease("digits", { renewTime }))).refused(400, "BadRequest");
    }
    const created = (await api.post(leases(api), lease("digits", { renewTime: "2026-01-01T00:00:00.123456Z" }))).expect(201);
    assert.equal(created.at("spec.renewTime"), "2026-01-01T00:00:00.123456Z");
  });

  fact("times with an offset are stored in UTC", async (api) => {
    const created = (await api.post(leases(api), lease("offset", { acquireTime: "2026-01-01T00:00:00.123456+02:00" }))).expect(201);
    assert.equal(created.at("spec.acquireTime"), "2025-12-31T22:00:00.123456Z");
  });

  fact("every field of the spec, and the spec, may be left out, and the holder may be empty", async (api) => {
    (await api.post(leases(api), lease("bare"))).expect(201);
    (await api.post(leases(api), lease("empty-spec", {}))).expect(201);
    (await api.post(leases(api), lease("no-holder", { holderIdentity: "" }))).expect(201);
  });

  fact("a duration is greater than 0, transitions are not negative", async (api) => {
    (await api.post(leases(api), lease("numbers", { leaseDurationSeconds: 0 }))).refused(422, "Invalid");
    (await api.post(leases(api), lease("numbers", { leaseTransitions: -1 }))).refused(422, "Invalid");
    (await api.post(leases(api), lease("numbers", { leaseDurationSeconds: 1, leaseTransitions: 0 }))).expect(201);
  });

  fact("a field of a wrong type is not even decoded", async (api) => {
    (await api.post(leases(api), lease("types", { leaseDurationSeconds: "5" }))).refused(400, "BadRequest");
    (await api.post(leases(api), lease("types", { holderIdentity: 5 }))).refused(400, "BadRequest");
  });
}

function writeFacts(fact: Fact): void {
  fact("a PUT to a Lease that was deleted creates it again, whatever version it names", async (api) => {
    const first = (await api.post(leases(api), lease("again", { holderIdentity: "a" }))).expect(201);
    (await api.delete(`${leases(api)}/again`)).expect(200);
    const second = (await api.put(`${leases(api)}/again`, lease("again", { holderIdentity: "b" }, { resourceVersion: first.version }))).expect(201);
    assert.notEqual(second.uid, first.uid);
  });

  fact("a PUT that names the uid of a Lease that was deleted is a conflict", async (api) => {
    const first = (await api.post(leases(api), lease("dead", { holderIdentity: "a" }))).expect(201);
    (await api.delete(`${leases(api)}/dead`)).expect(200);
    (await api.put(`${leases(api)}/dead`, lease("dead", {}, { resourceVersion: first.version, uid: first.uid }))).refused(409, "Conflict");
    (await api.get(`${leases(api)}/dead`)).refused(404, "NotFound");
  });

  fact("a PUT with the uid of a predecessor is a conflict", async (api) => {
    const first = (await api.post(leases(api), lease("heir"))).expect(201);
    (await api.delete(`${leases(api)}/heir`)).expect(200);
    const second = (await api.post(leases(api), lease("heir"))).expect(201);
    (await api.put(`${leases(api)}/heir`, lease("heir", {}, { resourceVersion: second.version, uid: first.uid }))).refused(409, "Conflict");
  });

  fact("a PUT to a Lease without resourceVersion is refused, with a stale one it is a conflict", async (api) => {
    const created = (await api.post(leases(api), lease("versions", { holderIdentity: "a" }))).expect(201);
    (await api.put(`${leases(api)}/versions`, lease("versions", { holderIdentity: "b" }))).refused(422, "Invalid");
    const moved = (await api.put(`${leases(api)}/versions`, lease("versions", { holderIdentity: "b" }, { resourceVersion: created.version }))).expect(200);
    (await api.put(`${leases(api)}/versions`, lease("versions", { holderIdentity: "c" }, { resourceVersion: created.version }))).refused(409, "Conflict");
    assert.equal((await api.get(`${leases(api)}/versions`)).version, moved.version);
  });

  fact("a PUT that changes nothing is no write", async (api) => {
    const created = (await api.post(leases(api), lease("idle", { holderIdentity: "a" }))).expect(201);
    const replaced = (await api.put(`${leases(api)}/idle`, created.json)).expect(200);
    assert.equal(replaced.version, created.version);
  });

  fact("the resourceVersion grows across deletion and re-creation", async (api) => {
    let last = 0n;
    for (let round = 0; round < 3; round++) {
      const { version } = (await api.post(leases(api), lease("fence"))).expect(201);
      assert.ok(BigInt(version) > last);
      last = BigInt(version);
      (await api.delete(`${leases(api)}/fence`)).expect(200);
    }
  });

  fact("of two who create the same Lease one wins and the other finds the winner", async (api) => {
    const answers = await Promise.all(["a", "b"].map((holderIdentity) => api.post(leases(api), lease("race", { holderIdentity }))));
    assert.deepEqual(answers.map(({ status }) => String(status)).toSorted(), ["201", "409"]);
    const winner = answers.find(({ status }) => status === 201);
    answers.find(({ status }) => status === 409)?.refused(409, "AlreadyExists");
    assert.equal((await api.get(`${leases(api)}/race`)).at("spec.holderIdentity"), winner?.at("spec.holderIdentity"));
  });

  fact("a merge patch keeps what it does not name and null takes a field away", async (api) => {
    (await api.post(leases(api), lease("patched", { holderIdentity: "a", leaseTransitions: 3 }))).expect(201);
    const patched = (await api.patch(`${leases(api)}/patched`, { spec: { holderIdentity: null } })).expect(200);
    assert.deepEqual(patched.at("spec"), { leaseTransitions: 3 });
  });
}
