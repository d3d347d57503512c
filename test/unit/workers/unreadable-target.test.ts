import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { EffectivenessAssessment } from "../../../src/api/effectiveness-assessment.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { KindInfo } from "../../../src/api/kind.ts";
import { keyOf, type KubeObject } from "../../../src/api/object.ts";
import type { SignalProcessing } from "../../../src/api/signal-processing.ts";
import { createStore } from "../../../src/cache/store.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { signalProcessingFor } from "../../../src/remediation/creators/signal-processing.ts";
import { createSignalProcessingReconciler } from "../../../src/workers/signal-processing/signal-processing-reconciler.ts";
import { createVerificationReconciler } from "../../../src/workers/verification/verification-reconciler.ts";
import { NAMESPACE, remediationRequest, T0 } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const context = { signal: new AbortController().signal, log: silentLogger };
const WHY = 'deployments.apps "checkout" is forbidden: User "ro" cannot get resource "deployments"';

/** A world in which Deployments can not be read for as long as `refused` says so. */
function setUp() {
  const clock = new FakeClock(Date.parse(T0));
  const kube = new FakeKube(() => clock.now());
  const world = { clock, kube, refused: true };
  const get = kube.get.bind(kube);
  Object.assign(kube, { get: async (...[kind, key]: Parameters<typeof get>) => (world.refused && kind.kind === "Deployment" ? Promise.reject(new KubeError("Forbidden", WHY)) : get(kind, key)) });
  return world;
}

function cacheOf<T extends KubeObject>(object: T) {
  const store = createStore<T>();
  store.swap([object], "0");
  return store;
}

async function stored<T extends KubeObject>(kube: FakeKube, kind: KindInfo<T>, { metadata }: T): Promise<T> {
  const object = await kube.get(kind, { namespace: NAMESPACE, name: metadata.name });
  assert.ok(object);
  return object;
}

describe("a target that we may not read", () => {
  it("is not guessed at: its SignalProcessing says why, once, and is classified when it can be read", async () => {
    const world = setUp();
    const { kube, clock } = world;
    const processing: SignalProcessing = await kube.create(kinds.SignalProcessing, signalProcessingFor(remediationRequest("a"), "2026-01-01T00:05:00Z"));
    const look = async (): Promise<unknown> => createSignalProcessingReconciler({ client: kube, processings: cacheOf(await stored(kube, kinds.SignalProcessing, processing)), clock })(keyOf(processing), context);
    assert.deepEqual(await look(), { kind: "wait", afterMs: 5000 });
    const waiting = await stored(kube, kinds.SignalProcessing, processing);
    assert.equal(waiting.status?.phase, "Enriching");
    assert.deepEqual(waiting.status?.conditions?.map(({ type, status, reason, message }) => [type, status, reason, message]), [["EnrichmentComplete", "False", "RightMissing", WHY]]);
    await look();
    assert.equal((await stored(kube, kinds.SignalProcessing, processing)).metadata.resourceVersion, waiting.metadata.resourceVersion, "said once");
    world.refused = false;
    assert.deepEqual(await look(), { kind: "done" });
    const { status } = await stored(kube, kinds.SignalProcessing, processing);
    assert.equal(status?.phase, "Completed");
    assert.deepEqual(status.conditions?.map(({ type, status: holds }) => [type, holds]), [["EnrichmentComplete", "True"]]);
  });

  it("is not called healthy or ill: its assessment waits for as long as it would for a cure, and then says that it could not look", async () => {
    const { kube, clock } = setUp();
    const rr = remediationRequest("a");
    const target = rr.spec.targetResource;
    const created: EffectivenessAssessment = await kube.create(kinds.EffectivenessAssessment, {
      apiVersion: rr.apiVersion,
      kind: "EffectivenessAssessment",
      metadata: { name: "ea-a", namespace: NAMESPACE },
      spec: { correlationID: "a", remediationRequestPhase: "Verifying", signalTarget: target, remediationTarget: target, config: { stabilizationWindow: "0s" } },
    });
    const look = createVerificationReconciler({ client: kube, assessments: cacheOf(created), clock, patienceMs: 60_000 });
    assert.equal((await look(keyOf(created), context)).kind, "wait");
    await clock.advance(61_000);
    assert.equal((await look(keyOf(created), context)).kind, "done");
    const { status } = await stored(kube, kinds.EffectivenessAssessment, created);
    assert.deepEqual([status?.assessmentReason, status?.message, status?.components?.healthAssessed], ["Partial", `Not assessed: ${WHY}.`, false]);
  });
});
