import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KindInfo } from "../../../src/api/kind.ts";
import { kindOfTarget, kinds } from "../../../src/api/kinds.ts";
import type { ObjectKey } from "../../../src/api/object.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import { crds } from "./crd-schema.ts";

describe("kinds", () => {
  it("a kind carries the type of its objects", async () => {
    const get = <T extends { readonly metadata: { readonly name: string } }>(_kind: { readonly example?: T }, _key: ObjectKey): Promise<T | undefined> => Promise.resolve(undefined);
    const request: RemediationRequest | undefined = await get(kinds.RemediationRequest, { name: "rr-a" });
    // @ts-expect-error a RemediationRequest is no WorkflowExecution
    const other: WorkflowExecution | undefined = await get(kinds.RemediationRequest, { name: "rr-a" });
    assert.deepEqual([request, other], [undefined, undefined]);
  });

  it("each kind stands under its own name, with a plural in lower case", () => {
    for (const [name, info] of Object.entries<KindInfo>(kinds)) {
      assert.equal(info.kind, name);
      assert.match(info.plural, /^[a-z]+$/);
    }
  });

  it("the custom kinds are those of the CRDs", () => {
    const ours = Object.values<KindInfo>(kinds).filter(({ group }) => group === "kubernaut.ai");
    const shipped = [...crds.values()].map(({ spec }) => `${spec.names.kind} ${spec.names.plural}`);
    assert.deepEqual(ours.map(({ kind, plural }) => `${kind} ${plural}`).sort(), shipped.sort());
  });

  it("a target's kind is found by its name, and not in another API group", () => {
    assert.equal(kindOfTarget({ kind: "Deployment", apiVersion: "apps/v1" })?.plural, "deployments");
    assert.equal(kindOfTarget({ kind: "Deployment" })?.plural, "deployments");
    assert.equal(kindOfTarget({ kind: "Node", apiVersion: "v1" })?.namespaced, false);
    assert.equal(kindOfTarget({ kind: "Deployment", apiVersion: "example.com/v1" }), undefined);
    assert.equal(kindOfTarget({ kind: "Pod", apiVersion: "apps/v1" }), undefined);
    assert.equal(kindOfTarget({ kind: "deployment" }), undefined);
    assert.equal(kindOfTarget({ kind: "toString" }), undefined);
  });

  it("no Secret, no ConfigMap, no object of our own is a target: what is not read needs no right", () => {
    for (const kind of ["Secret", "ConfigMap", "Event", "Lease", "RemediationRequest", "CustomResourceDefinition"]) assert.equal(kindOfTarget({ kind }), undefined, kind);
  });
});
