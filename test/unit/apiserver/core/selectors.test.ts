import assert from "node:assert/strict";
import { test } from "node:test";
import { builtInResources } from "../../../../src/apiserver/builtin/built-in-resources.ts";
import { fieldSelector } from "../../../../src/apiserver/selectors/field-selector.ts";
import { labelSelector } from "../../../../src/apiserver/selectors/label-selector.ts";

const matching = (selector: string, labels?: Record<string, string>): boolean | undefined => labelSelector(selector)?.(labels);

test("an empty label selector selects by nothing", () => {
  assert.equal(labelSelector(undefined), undefined);
  assert.equal(labelSelector(" "), undefined);
});

test("label requirements hold together", () => {
  const labels = { app: "cart", tier: "7", "example.com/name": "x" };
  for (const selector of ["app=cart", "app==cart", "app!=other", "absent!=x", "app in (a, cart)", "app notin (a,b)", "absent notin (a)", "app", "!absent", "tier>6", "tier<8", "example.com/name=x", "app=cart,tier>6,!absent"]) {
    assert.equal(matching(selector, labels), true, selector);
  }
  for (const selector of ["app=other", "app!=cart", "app in (a,b)", "absent in (a)", "app notin (cart)", "absent", "!app", "tier>7", "app>1", "app=cart,absent"]) {
    assert.equal(matching(selector, labels), false, selector);
  }
  assert.equal(matching("app!=cart"), true, "no labels at all");
  assert.equal(matching("app=", { app: "" }), true, "an empty value");
});

test("a label selector that makes no sense is a bad request", () => {
  for (const selector of ["a in (b", "a b", "=a", "a=b=c", "a in", "a,,b", "!!a"]) assert.throws(() => labelSelector(selector), { name: "StatusError", code: 400 }, selector);
});

test("fields select by the text of their values", () => {
  const pods = builtInResources().find(({ kind }) => kind === "Pod");
  assert.ok(pods);
  const pod = { metadata: { name: "a", namespace: "b" }, spec: { nodeName: "n,1" }, status: {} };
  assert.equal(fieldSelector("", pods), undefined);
  assert.equal(fieldSelector("metadata.name=a,metadata.namespace==b,status.phase!=Running", pods)?.matches(pod), true);
  assert.equal(fieldSelector("spec.nodeName=n\\,1", pods)?.matches(pod), true);
  assert.equal(fieldSelector("spec.nodeName=", pods)?.matches(pod), false);
  assert.equal(fieldSelector("status.phase=", pods)?.matches(pod), true, "an absent field is empty");
  assert.throws(() => fieldSelector("spec.priority=1", pods), { code: 400 });
  assert.throws(() => fieldSelector("metadata.name", pods), { code: 400 });
});
