import { effectivenessAssessmentName } from "../../api/child-names.ts";
import type { EffectivenessAssessment } from "../../api/effectiveness-assessment.ts";
import type { Draft } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { TargetResource } from "../../api/target.ts";
import { childMeta } from "./owned-by.ts";

/** The question whether the workflow of `rr` has cured `remediationTarget`. `stabilizationWindow` is a Go duration. */
export function effectivenessAssessmentFor(rr: RemediationRequest, remediationTarget: TargetResource, stabilizationWindow: string): Draft<EffectivenessAssessment> {
  const hash = rr.status?.operatorAudit?.preRemediationSpecHash;
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "EffectivenessAssessment",
    metadata: childMeta(rr, effectivenessAssessmentName(rr.metadata.name)),
    spec: {
      correlationID: rr.metadata.name,
      remediationRequestPhase: "Verifying",
      remediationCreatedAt: rr.metadata.creationTimestamp,
      signalName: rr.spec.signalName,
      signalTarget: rr.spec.targetResource,
      remediationTarget,
      config: { stabilizationWindow },
      ...(hash ? { preRemediationSpecHash: hash } : {}),
      ...(rr.spec.clusterID ? { clusterID: rr.spec.clusterID } : {}),
    },
  };
}
