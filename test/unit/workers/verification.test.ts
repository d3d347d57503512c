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
const PATIENCE_MS = 1000;
const GADGET = { kind: "Gadget", name: "x" };
/** One that is not there, and so not healthy. */
const ABSENT = { apiVersion: "apps/v1", kind: "Deployment", name: "x", namespace: "shop" };

/** An assessment of `target`, looked at by a process whose wall clock is behind the API server's. */
async function assessing(stabilizationWindow: string, clockBehindMs: number, target: typeof GADGET = GADGET) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now() + clockBehindMs);
  const assessment = await kube.create<EffectivenessAssessment>(kinds.EffectivenessAssessment, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "EffectivenessAssessment",
    metadata: { name: "ea-a", namespace: NAMESPACE },
    spec: { correlationID: "a", remediationRequestPhase: "Verifying", signalTarget: target, remediationTarget: target, config: { stabilizationWindow } },
  });
  const assessments = { get: () => assessment, list: () => [assessment], byIndex: () => [], synced: true };
  const reconcile = createVerificationReconciler({ client: kube, assessments, clock, patienceMs: PATIENCE_MS });
  return {
    clock,
    look: () => reconcile(`${NAMESPACE}/ea-a`, { signal: new AbortController().signal, log: silentLogger }),
    status: async () => (await kube.get(kinds.EffectivenessAssessment, { namespace: NAMESPACE, name: "ea-a" }))?.status,
  };
}

async function lookAt(stabilizationWindow: string, clockBehindMs: number) {
  const { look, status } = await assessing(stabilizationWindow, clockBehindMs);
  return { result: await look(), phase: (await status())?.phase };
}

describe("the verification", () => {
  it("waits out the stabilization window", async () => {
    assert.deepEqual(await lookAt("30s", 0), { result: { kind: "wait", afterMs: 30_000 }, phase: undefined });
  });

  it("does not wait longer than the window, however far its clock is behind the API server's", async () => {
    assert.deepEqual(await lookAt("30s", 5 * HOUR_MS), { result: { kind: "wait", afterMs: 30_000 }, phase: undefined });
    assert.deepEqual(await lookAt("0s", 5 * HOUR_MS), { result: { kind: "done" }, phase: "Completed" });
  });

  it("waits for a target that is not healthy as long as it should, however far its wall clock is behind or ahead (Z88)", async () => {
    for (const clockBehindMs of [0, 5 * HOUR_MS, -5 * HOUR_MS]) {
      const { clock, look, status } = await assessing("0s", clockBehindMs, ABSENT);
      assert.deepEqual(await look(), { kind: "wait", afterMs: 100 });
      await clock.advance(PATIENCE_MS - 1);
      assert.equal((await look()).kind, "wait");
      assert.equal(await status(), undefined);
      await clock.advance(1);
      assert.deepEqual(await look(), { kind: "done" });
      assert.equal((await status())?.assessmentReason, "Expired");
    }
  });
});
