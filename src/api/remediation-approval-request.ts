import type { Condition, KubeObject, ObjectReference } from "./object.ts";
import type { Timestamp } from "./timestamp.ts";

/** What a person decided; empty or absent while nobody has. */
export type ApprovalDecision = "" | "Approved" | "Rejected" | "Expired";

/** How sure the analysis is. */
export type ConfidenceLevel = "low" | "medium" | "high";

/** What is to be approved, and what to know of it. Immutable. */
export interface RemediationApprovalRequestSpec {
  readonly remediationRequestRef: ObjectReference;
  readonly aiAnalysisRef: { readonly name: string };
  readonly clusterID?: string;
  /** 0 to 1. */
  readonly confidence: number;
  readonly confidenceLevel: ConfidenceLevel;
  readonly reason: string;
  readonly recommendedWorkflow: {
    readonly workflowId: string;
    readonly version: string;
    readonly executionBundle: string;
    readonly rationale: string;
  };
  readonly investigationSummary: string;
  readonly evidenceCollected?: readonly string[];
  /** At least one. */
  readonly recommendedActions: readonly { readonly action: string; readonly rationale: string }[];
  readonly alternativesConsidered?: readonly { readonly approach: string; readonly prosCons: string }[];
  readonly whyApprovalRequired: string;
  /** No decision until then counts as Expired. */
  readonly requiredBy: Timestamp;
}

/** The decision, and another workflow than the recommended one if the person wants that. */
export interface RemediationApprovalRequestStatus {
  readonly observedGeneration?: number;
  readonly decision?: ApprovalDecision;
  readonly decidedBy?: string;
  readonly decidedAt?: Timestamp;
  readonly decidedVia?: string;
  readonly decisionMessage?: string;
  readonly workflowOverride?: {
    readonly workflowName?: string;
    readonly parameters?: Readonly<Record<string, string>>;
    readonly rationale?: string;
  };
  readonly createdAt?: Timestamp;
  readonly expired?: boolean;
  readonly timeRemaining?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly conditions?: readonly Condition[];
}

/** A question to a person: may this workflow run? */
export interface RemediationApprovalRequest extends KubeObject {
  readonly spec: RemediationApprovalRequestSpec;
  readonly status?: RemediationApprovalRequestStatus;
}

/** The level of a confidence between 0 and 1: below 0.6 low, below 0.8 medium, else high. */
export function confidenceLevel(confidence: number): ConfidenceLevel {
  if (confidence < 0.6) return "low";
  return confidence < 0.8 ? "medium" : "high";
}
