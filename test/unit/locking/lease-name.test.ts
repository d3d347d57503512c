import assert from "node:assert/strict";
import { test } from "node:test";
import { keyOfTarget, leaseName, targetOfKey } from "../../../src/locking/index.ts";

void test("a Lease is named after the first 16 hex digits of its key's SHA-256", () => {
  assert.equal(leaseName("default/Deployment/nginx"), "ro-lock-041822837d0914fa");
  assert.equal(leaseName("default/Deployment/nginx", "gw-lock-"), "gw-lock-041822837d0914fa");
});

void test("Z20: the cluster and the casing of Kind make another lock", () => {
  const names = [{ resource: "shop/Deployment/cart" }, { resource: "shop/deployment/cart" }, { clusterID: "west", resource: "shop/Deployment/cart" }, { clusterID: "east", resource: "shop/Deployment/cart" }].map((target) => leaseName(keyOfTarget(target)));
  assert.equal(new Set(names).size, 4);
  assert.equal(keyOfTarget({ clusterID: "west", resource: "shop/Deployment/cart" }), "west|shop/Deployment/cart");
  assert.equal(keyOfTarget({ clusterID: "", resource: "Node/n1" }), "Node/n1");
});

void test("a key tells its target again", () => {
  for (const target of [{ resource: "Node/n1" }, { clusterID: "west", resource: "shop/Deployment/cart" }, { clusterID: "a|b", resource: "Node/n1" }]) assert.deepEqual(targetOfKey(keyOfTarget(target)), target);
});

void test("Z20: a resource that could pass for one in another cluster has no key", () => {
  assert.throws(() => keyOfTarget({ resource: "west|shop/Deployment/cart" }), TypeError);
  assert.throws(() => keyOfTarget({ resource: "" }), TypeError);
});
