import type { AIAnalysis, AnalysisSeverity } from "../../api/ai-analysis.ts";
import { aiAnalysisName } from "../../api/child-names.ts";
import type { Draft } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { SignalProcessing } from "../../api/signal-processing.ts";
import { childMeta, referenceTo } from "./owned-by.ts";

const SEVERITIES: readonly AnalysisSeverity[] = ["critical", "high", "warning", "info", "unknown"];

/** The request to find the cause and a workflow for `rr`, with what signal processing found out. `timesOutAt` is RFC 3339. */
export function aiAnalysisFor(rr: RemediationRequest, processed: SignalProcessing, timesOutAt: string): Draft<AIAnalysis> {
  const { spec } = rr;
  const status = processed.status;
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "AIAnalysis",
    metadata: childMeta(rr, aiAnalysisName(rr.metadata.name)),
    spec: {
      remediationId: rr.metadata.name,
      remediationRequestRef: referenceTo(rr),
      timesOutAt,
      ...(spec.clusterID ? { clusterID: spec.clusterID } : {}),
      analysisRequest: {
        analysisTypes: ["Investigation", "RootCause", "WorkflowSelection"],
        signalContext: {
          fingerprint: spec.signalFingerprint,
          signalName: spec.signalName,
          severity: severityOf(status?.signalClassification?.severity ?? spec.severity),
          signalMode: status?.signalClassification?.signalMode ?? "reactive",
          environment: status?.environmentClassification?.environment ?? "Unknown",
          businessPriority: status?.priorityAssignment?.priority || "P3",
          targetResource: spec.targetResource,
          enrichmentResults: {
            ...(status?.businessClassification ? { businessClassification: status.businessClassification } : {}),
            ...(status?.kubernetesContext ? { kubernetesContext: status.kubernetesContext } : {}),
          },
          ...(spec.clusterID ? { cluster: spec.clusterID } : {}),
          ...(spec.signalAnnotations ? { signalAnnotations: spec.signalAnnotations } : {}),
        },
      },
    },
  };
}

/** The severities that an analysis accepts; an alert may bring any word. */
function severityOf(word: string): AnalysisSeverity {
  return SEVERITIES.find((known) => known === word.toLowerCase()) ?? "unknown";
}
