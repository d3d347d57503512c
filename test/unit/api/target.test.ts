import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lockKey, parseTarget, targetString } from "../../../src/api/target.ts";

describe("targets", () => {
  it("a namespaced target is namespace/Kind/name, a cluster-scoped one Kind/name, and the casing of Kind is kept", () => {
    assert.equal(targetString({ kind: "StatefulSet", name: "db", namespace: "shop", apiVersion: "apps/v1" }), "shop/StatefulSet/db");
    assert.equal(targetString({ kind: "Node", name: "n1", namespace: "" }), "Node/n1");
  });

  it("what is written is parsed back", () => {
    for (const target of [{ kind: "Deployment", name: "checkout", namespace: "shop" }, { kind: "Node", name: "n1.zone.example" }]) {
      assert.deepEqual(parseTarget(targetString(target)), target);
    }
  });

  for (const text of ["", "Node", "/", "a//b", "shop/Deployment/", "/Deployment/x", "a/b/c/d"]) {
    it(`"${text}" is no target`, () => assert.equal(parseTarget(text), undefined));
  }

  it("the lock key carries the cluster when there is one", () => {
    assert.equal(lockKey(undefined, "shop/Deployment/checkout"), "shop/Deployment/checkout");
    assert.equal(lockKey("", "shop/Deployment/checkout"), "shop/Deployment/checkout");
    assert.equal(lockKey("eu-1", "shop/Deployment/checkout"), "eu-1|shop/Deployment/checkout");
  });
});
