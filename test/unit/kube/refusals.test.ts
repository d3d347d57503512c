import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { tellRefusals, type Refusal } from "../../../src/kube/refusals.ts";

const key = { namespace: "ro", name: "a" };
const lease: Lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { ...key, uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" } };
const { signal } = new AbortController();

/** A server that answers everything with one error. */
function failing(error: KubeError): KubeClient {
  const fail = async (): Promise<never> => {
    throw error;
  };
  return { get: fail, list: fail, create: fail, replace: fail, replaceStatus: fail, patch: fail, delete: fail, watch: () => ({ [Symbol.asyncIterator]: () => ({ next: fail }) }) };
}

async function watchOnce(client: KubeClient): Promise<void> {
  for await (const event of client.watch(kinds.Lease, { namespace: "ro", resourceVersion: "1", timeoutSeconds: 1 }, { signal })) assert.fail(event.type);
}

describe("refusals", () => {
  const calls: readonly (readonly [string, (client: KubeClient) => Promise<unknown>])[] = [
    ["get leases in ro", (client) => client.get(kinds.Lease, key)],
    ["list leases in ro", (client) => client.list(kinds.Lease, { namespace: "ro" })],
    ["list leases in ", (client) => client.list(kinds.Lease)],
    ["create leases in ro", (client) => client.create(kinds.Lease, lease)],
    ["update leases in ro", (client) => client.replace(kinds.Lease, lease)],
    ["update leases/status in ro", (client) => client.replaceStatus(kinds.Lease, lease)],
    ["patch leases in ro", (client) => client.patch(kinds.Lease, key, { metadata: { uid: "u" } })],
    ["delete leases in ro", (client) => client.delete(kinds.Lease, key, { uid: "u" })],
    ["watch leases in ro", watchOnce],
  ];

  for (const [right, call] of calls) {
    it(`are told in the words of rights: ${right}`, async () => {
      const told: Refusal[] = [];
      const refusing = tellRefusals(failing(new KubeError("Forbidden", "no")), (refusal) => void told.push(refusal));
      await assert.rejects(call(refusing), { reason: "Forbidden" });
      assert.deepEqual(told.map(({ verb, kind, subresource, namespace = "" }) => `${verb} ${kind.plural}${subresource ? `/${subresource}` : ""} in ${namespace}`), [right]);
      const other = tellRefusals(failing(new KubeError("Conflict", "no")), () => assert.fail("no refusal"));
      await assert.rejects(call(other), { reason: "Conflict" });
    });
  }
});
