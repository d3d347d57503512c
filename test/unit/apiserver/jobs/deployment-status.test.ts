import assert from "node:assert/strict";
import { it } from "node:test";
import type { Deployment } from "../../../../src/api/workload.ts";
import { deploymentStatus } from "../../../../src/apiserver/jobs/deployment-status.ts";
import { NOW } from "./fixtures.ts";

const deployment = (annotations: Record<string, string> = {}, replicas = 2, status = {}): Deployment => ({
  apiVersion: "apps/v1",
  kind: "Deployment",
  metadata: { name: "web", namespace: "ns", uid: "d", resourceVersion: "1", generation: 3, creationTimestamp: "2026-01-01T00:00:00Z", annotations },
  spec: { replicas, selector: {}, template: { spec: { containers: [] } } },
  status,
});

const conditionOf = (status: unknown, type: string): Record<string, string> | undefined =>
  (status as { conditions: Record<string, string>[] }).conditions.find((condition) => condition["type"] === type); // Read back what was written.

it("a healthy Deployment has all its replicas available, at the generation that was seen", () => {
  const status = deploymentStatus(deployment(), NOW);
  assert.equal(status["observedGeneration"], 3);
  assert.deepEqual([status["replicas"], status["updatedReplicas"], status["readyReplicas"], status["availableReplicas"], status["unavailableReplicas"]], [2, 2, 2, 2, undefined]);
  assert.equal(conditionOf(status, "Available")?.["status"], "True");
  assert.equal(conditionOf(status, "Progressing")?.["reason"], "NewReplicaSetAvailable");
});

it("one that is annotated unavailable has none", () => {
  const status = deploymentStatus(deployment({ "ro.dev/unavailable": "true" }), NOW);
  assert.deepEqual([status["replicas"], status["availableReplicas"], status["unavailableReplicas"]], [2, undefined, 2]);
  assert.equal(conditionOf(status, "Available")?.["status"], "False");
});

it("a condition keeps its times while it says the same, and has new ones when it turns", () => {
  const first = deploymentStatus(deployment(), NOW);
  const same = deploymentStatus(deployment({}, 2, first), NOW + 60_000);
  assert.deepEqual(same, first);
  const broken = deploymentStatus(deployment({ "ro.dev/unavailable": "true" }, 2, first), NOW + 60_000);
  assert.equal(conditionOf(broken, "Available")?.["lastTransitionTime"], "2026-01-01T12:01:00Z");
  assert.equal(conditionOf(broken, "Progressing")?.["lastTransitionTime"], "2026-01-01T12:00:00Z");
});

it("a Deployment scaled to zero is available with no replica", () => {
  const status = deploymentStatus(deployment({ "ro.dev/unavailable": "true" }, 0), NOW);
  assert.equal(status["replicas"], undefined);
  assert.equal(conditionOf(status, "Available")?.["status"], "True");
});
