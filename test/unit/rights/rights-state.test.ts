import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Right } from "../../../src/needed-rights.ts";
import { allThere, changes, judgeRefusal, placedName, sentence, TARGET_MEMORY_MS, toAsk, withAnswers, withRefusedTarget, type PlacedRight } from "../../../src/rights-state.ts";

const at = (verb: string, kind: Right["kind"], subresource?: "status"): PlacedRight => ({ right: { verb, kind, ...(subresource ? { subresource } : {}) }, namespace: "ro" });
const createLease = at("create", kinds.Lease);
const deleteLease = at("delete", kinds.Lease);
const writeStatus = at("update", kinds.RemediationRequest, "status");
const needed = [createLease, deleteLease, writeStatus];
const pods = { verb: "get", kind: kinds.Pod, namespace: "shop" };
const answers = (...pairs: readonly (readonly [PlacedRight, boolean])[]) => new Map(pairs.map(([right, allowed]) => [placedName(right), allowed]));

describe("what is known of rights", () => {
  it("is what the API server answers", () => {
    const state = withAnswers(allThere, answers([createLease, false], [deleteLease, true], [writeStatus, true]), needed, 0);
    assert.deepEqual(state.missing, [createLease]);
    assert.deepEqual(withAnswers(state, answers([createLease, true], [deleteLease, true], [writeStatus, false]), needed, 0).missing, [writeStatus]);
  });

  it("stays as it was where no answer came", () => {
    const state = withAnswers(allThere, answers([createLease, false]), needed, 0);
    assert.deepEqual(state.missing, [createLease], "what was there is taken to be there still");
    assert.deepEqual(withAnswers(state, answers(), needed, 0).missing, [createLease], "what was missing is missing still");
  });

  it("tells a refusal of what is needed from one of what is known to be missing, and from a target's", () => {
    const missing = withAnswers(allThere, answers([createLease, false]), needed, 0);
    assert.equal(judgeRefusal(missing, { verb: "create", kind: kinds.Lease, namespace: "ro" }, needed), "known");
    assert.equal(judgeRefusal(missing, { verb: "delete", kind: kinds.Lease, namespace: "ro" }, needed), "needed");
    assert.equal(judgeRefusal(missing, { verb: "update", kind: kinds.RemediationRequest, namespace: "ro", subresource: "status" }, needed), "needed");
    assert.equal(judgeRefusal(missing, { verb: "update", kind: kinds.RemediationRequest, namespace: "ro" }, needed), "target");
    assert.equal(judgeRefusal(missing, pods, needed), "target");
  });

  it("asks about a target that could not be read until nobody has wanted it for ten minutes, or it can be", () => {
    const state = withRefusedTarget(withRefusedTarget(allThere, pods, 0), pods, 1000);
    assert.equal(state.targets.length, 1);
    assert.deepEqual(toAsk(state, needed, 2000).map(placedName).at(-1), "get pods in shop");
    assert.equal(toAsk(state, needed, 1000 + TARGET_MEMORY_MS).length, needed.length);
    const [target] = state.targets;
    assert.ok(target);
    assert.equal(withAnswers(state, answers([target, false]), needed, 2000).targets.length, 1);
    assert.equal(withAnswers(state, answers([target, true]), needed, 2000).targets.length, 0);
  });

  it("says what was lost and what was regained", () => {
    assert.deepEqual(changes([createLease], [deleteLease]), { lost: [placedName(deleteLease)], regained: [placedName(createLease)] });
    assert.deepEqual(changes([createLease], [createLease]), { lost: [], regained: [] });
  });

  it("is one sentence, verbs of one resource together", () => {
    assert.equal(sentence([]), undefined);
    assert.equal(sentence(needed), "may not create, delete leases.coordination.k8s.io in ro; update remediationrequests.kubernaut.ai/status in ro: apply deploy/rbac.yaml, or bind what it grants to this user");
  });
});
