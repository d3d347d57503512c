import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KindInfo } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { healthOf } from "../../../src/workers/verification/health.ts";

const object = (kind: string, spec: object, status: object, generation = 2) => ({ apiVersion: "apps/v1", kind, metadata: { name: "x", uid: "u", resourceVersion: "1", creationTimestamp: "", generation }, spec, status });
const health = (kind: KindInfo, spec: object, status: object) => healthOf(kind, object(kind.kind, spec, status)).kind;
const available = [{ type: "Available", status: "True" }];

describe("the health of a target", () => {
  it("is a Deployment's availability with all replicas updated, for the generation that is wanted", () => {
    assert.equal(health(kinds.Deployment, { replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, conditions: available }), "healthy");
    assert.equal(health(kinds.Deployment, { replicas: 2 }, { observedGeneration: 1, updatedReplicas: 2, conditions: available }), "unhealthy");
    assert.equal(health(kinds.Deployment, { replicas: 2 }, { observedGeneration: 2, updatedReplicas: 1, conditions: available }), "unhealthy");
    assert.equal(health(kinds.Deployment, { replicas: 2 }, { observedGeneration: 2, updatedReplicas: 2, conditions: [{ type: "Available", status: "False" }] }), "unhealthy");
  });

  it("is a StatefulSet's ready and a DaemonSet's available replicas", () => {
    assert.equal(health(kinds.StatefulSet, { replicas: 3 }, { observedGeneration: 2, readyReplicas: 3 }), "healthy");
    assert.equal(health(kinds.StatefulSet, { replicas: 3 }, { observedGeneration: 2, readyReplicas: 2 }), "unhealthy");
    assert.equal(health(kinds.DaemonSet, {}, { observedGeneration: 2, numberUnavailable: 0 }), "healthy");
    assert.equal(health(kinds.DaemonSet, {}, { observedGeneration: 2, numberUnavailable: 1 }), "unhealthy");
  });

  it("is the Ready condition of a Pod or a Node", () => {
    assert.equal(health(kinds.Node, {}, { conditions: [{ type: "Ready", status: "True" }] }), "healthy");
    assert.equal(health(kinds.Pod, {}, { conditions: [{ type: "Ready", status: "False", message: "crashing" }] }), "unhealthy");
  });

  it("is not known for other kinds, and an absent target is not healthy", () => {
    assert.equal(health(kinds.ConfigMap, {}, {}), "unknown");
    assert.deepEqual(healthOf(kinds.Deployment, undefined), { kind: "unhealthy", because: "it does not exist" });
  });
});
