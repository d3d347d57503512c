import assert from "node:assert/strict";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest, RemediationRequestSpec, RemediationRequestStatus } from "../../../src/api/remediation-request.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import type { RemediationSettings } from "../../../src/remediation/settings.ts";
import { completedAnalysis, NAMESPACE, remediationRequest } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";
import { lookAt } from "../../support/look.ts";

/** The target of `remediationRequest`. */
export const TARGET = "shop/Deployment/checkout";
export const MINUTE_MS = 60_000;

/** A RemediationRequest as it is stored, with a finished analysis if wanted, and how to look at it. */
export async function stage(status: RemediationRequestStatus, options: { readonly spec?: Partial<RemediationRequestSpec>; readonly analysis?: "finished" | "under way"; readonly settings?: Partial<RemediationSettings>; readonly kube?: FakeKube } = {}) {
  const clock = new FakeClock();
  const kube = options.kube ?? new FakeKube(() => clock.now());
  const { metadata, ...rest } = remediationRequest("a", undefined, options.spec ? { spec: options.spec } : {});
  const rr = await kube.create(kinds.RemediationRequest, { ...rest, metadata: { name: metadata.name, namespace: NAMESPACE } });
  await kube.replaceStatus(kinds.RemediationRequest, { ...rr, status });
  await analysis(kube, rr, options.analysis ?? "finished");
  const look = async (): Promise<RemediationRequest> => {
    await lookAt("a", kube, clock, options.settings);
    const now = await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" });
    assert.ok(now);
    return now;
  };
  return { clock, kube, look };
}

async function analysis(kube: FakeKube, rr: RemediationRequest, how: "finished" | "under way"): Promise<void> {
  const { metadata, status, ...rest } = completedAnalysis("a");
  const ownerReferences = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: rr.metadata.uid })) ?? [];
  const stored = await kube.create(kinds.AIAnalysis, { ...rest, metadata: { name: metadata.name, namespace: NAMESPACE, ownerReferences } });
  await kube.replaceStatus(kinds.AIAnalysis, { ...stored, ...(status && how === "finished" ? { status } : {}) });
}

export const at = (clock: FakeClock): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
export const analyzing: RemediationRequestStatus = { overallPhase: "Analyzing", phaseProgress: { analyzingStartTime: "2026-01-01T00:00:00Z" } };

