import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EffectivenessAssessment } from "../../../src/api/effectiveness-assessment.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createVerificationReconciler } from "../../../src/workers/verification/verification-reconciler.ts";
import { NAMESPACE } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const HOUR_MS = 3_600_000;
const target = { kind: "Gadget", name: "x" };

async function lookAt(stabilizationWindow: string, clockBehindMs: number) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now() + clockBehindMs);
  const assessment = await kube.create<EffectivenessAssessment>(kinds.EffectivenessAssessment, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "EffectivenessAssessment",
    metadata: { name: "ea-a", namespace: NAMESPACE },
    spec: { correlationID: "a", remediationRequestPhase: "Verifying", signalTarget: target, remediationTarget: target, config: { stabilizationWindow } },
  });
  const assessments = { get: () => assessment, list: () => [assessment], byIndex: () => [], synced: true };
  const reconcile = createVerificationReconciler({ client: kube, assessments, clock, patienceMs: 1000 });
  const result = await reconcile(`${NAMESPACE}/ea-a`, { signal: new AbortController().signal, log: silentLogger });
  return { result, phase: (await kube.get(kinds.EffectivenessAssessment, { namespace: NAMESPACE, name: "ea-a" }))?.status?.phase };
}

describe("the verification", () => {
  it("waits out the stabilization window", async () => {
    assert.deepEqual(await lookAt("30s", 0), { result: { kind: "wait", afterMs: 30_000 }, phase: undefined });
  });

  it("does not wait longer than the window, however far its clock is behind the API server's", async () => {
    assert.deepEqual(await lookAt("30s", 5 * HOUR_MS), { result: { kind: "wait", afterMs: 30_000 }, phase: undefined });
    assert.deepEqual(await lookAt("0s", 5 * HOUR_MS), { result: { kind: "done" }, phase: "Completed" });
  });
});
