import { signalProcessingName } from "../../api/child-names.ts";
import type { Draft } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { SignalProcessing } from "../../api/signal-processing.ts";
import { childMeta, referenceTo } from "./owned-by.ts";

/** The request to classify the signal of `rr`. `timesOutAt` is RFC 3339. */
export function signalProcessingFor(rr: RemediationRequest, timesOutAt: string): Draft<SignalProcessing> {
  const { spec } = rr;
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "SignalProcessing",
    metadata: childMeta(rr, signalProcessingName(rr.metadata.name)),
    spec: {
      remediationRequestRef: referenceTo(rr),
      timesOutAt,
      signal: {
        fingerprint: spec.signalFingerprint,
        name: spec.signalName,
        severity: spec.severity,
        type: spec.signalType,
        targetType: spec.targetType,
        targetResource: { kind: spec.targetResource.kind, name: spec.targetResource.name, ...(spec.targetResource.namespace ? { namespace: spec.targetResource.namespace } : {}) },
        firingTime: spec.firingTime,
        receivedTime: spec.receivedTime,
        ...(spec.signalSource ? { source: spec.signalSource } : {}),
        ...(spec.clusterID ? { clusterID: spec.clusterID } : {}),
        ...(spec.signalLabels ? { labels: spec.signalLabels } : {}),
        ...(spec.signalAnnotations ? { annotations: spec.signalAnnotations } : {}),
        ...(spec.providerData ? { providerData: spec.providerData } : {}),
      },
    },
  };
}
