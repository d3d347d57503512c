import type { Condition, KubeObject, ObjectReference } from "./object.ts";
import type { BusinessClassification, ClassifiedSeverity, KubernetesContext, SignalMode } from "./signal-processing.ts";
import type { TargetResource } from "./target.ts";
import type { Timestamp } from "./timestamp.ts";
import type { WorkflowRef } from "./workflow-execution.ts";

/** Where an analysis stands. Completed and Failed are final. */
export type AnalysisPhase = "Pending" | "Investigating" | "Analyzing" | "Completed" | "Failed";

/** Severities that an analysis takes and gives. */
export type AnalysisSeverity = ClassifiedSeverity;

/** What an analysis came to, in short. */
export type AnalysisReason =
  | "AnalysisCompleted"
  | "WorkflowResolutionFailed"
  | "WorkflowNotNeeded"
  | "NoWorkflowSelected"
  | "RegoEvaluationError"
  | "TransientError"
  | "APIError"
  | "InteractiveCancelled"
  | "ParentCancelled";

/** What an analysis came to, in detail. */
export type AnalysisSubReason =
  | "WorkflowNotFound"
  | "ImageMismatch"
  | "ParameterValidationFailed"
  | "NoMatchingWorkflows"
  | "LowConfidence"
  | "LLMParsingError"
  | "ValidationError"
  | "TransientError"
  | "PermanentError"
  | "InvestigationInconclusive"
  | "ProblemResolved"
  | "NotActionable"
  | "MaxRetriesExceeded"
  | "SessionRegenerationExceeded"
  | "RcaIncomplete"
  | "InvestigationFailed"
  | "OperatorEscalation"
  | "DecisionExpired";

/** Why a person has to look. */
export type HumanReviewReason =
  | "workflow_not_found"
  | "image_mismatch"
  | "parameter_validation_failed"
  | "no_matching_workflows"
  | "low_confidence"
  | "llm_parsing_error"
  | "investigation_inconclusive"
  | "rca_incomplete"
  | "alignment_check_failed"
  | "operator_escalation"
  | "decision_expired";

/** What an analysis is asked for. */
export type AnalysisType = "Investigation" | "RootCause" | "WorkflowSelection";

/** What is known of the signal when the analysis starts. */
export interface SignalContext {
  readonly fingerprint: string;
  readonly severity: AnalysisSeverity;
  readonly signalName: string;
  readonly signalMode?: SignalMode;
  readonly signalAnnotations?: Readonly<Record<string, string>>;
  /** 1 to 63 characters. */
  readonly environment: string;
  /** 1 to 63 characters. */
  readonly businessPriority: string;
  readonly cluster?: string;
  readonly targetResource: TargetResource;
  readonly enrichmentResults: {
    readonly kubernetesContext?: KubernetesContext;
    readonly businessClassification?: BusinessClassification;
  };
}

/** What is to be analysed. Immutable. */
export interface AIAnalysisSpec {
  readonly remediationId: string;
  readonly remediationRequestRef: ObjectReference;
  readonly analysisRequest: { readonly signalContext: SignalContext; readonly analysisTypes: readonly AnalysisType[] };
  readonly clusterID?: string;
  readonly timesOutAt?: Timestamp;
}

/** The cure that was chosen. Frozen once `selectedAt` is set. */
export interface SelectedWorkflow extends WorkflowRef {
  readonly parameters?: Readonly<Record<string, string>>;
  /** 0 to 1. */
  readonly confidence: number;
  readonly rationale: string;
  readonly selectedAt?: Timestamp;
}

/** What is wrong, with what, and what helps. */
export interface RcaResult {
  readonly actionability?: "Actionable" | "NotActionable";
  readonly rootCause?: string;
  readonly rootCauseAnalysis?: {
    readonly summary: string;
    readonly severity?: AnalysisSeverity;
    readonly signalType: string;
    readonly contributingFactors?: readonly string[];
    readonly remediationTarget?: TargetResource;
  };
  readonly selectedWorkflow?: SelectedWorkflow;
  readonly alternativeWorkflows?: readonly {
    readonly workflowId: string;
    readonly executionBundle?: string;
    readonly confidence: number;
    readonly rationale: string;
  }[];
}

/** What a person who approves should know. */
export interface ApprovalContext {
  readonly reason: string;
  readonly confidenceScore: number;
  readonly confidenceLevel: "low" | "medium" | "high";
  readonly investigationSummary: string;
  readonly whyApprovalRequired: string;
  readonly evidenceCollected?: readonly string[];
  readonly recommendedActions: readonly { readonly workflowId: string; readonly rationale: string }[];
  readonly alternativesConsidered?: readonly { readonly approach: string; readonly prosCons: string }[];
}

/** What the analysis found. */
export interface AIAnalysisStatus {
  readonly observedGeneration?: number;
  readonly phase: AnalysisPhase;
  readonly reason?: AnalysisReason;
  readonly subReason?: AnalysisSubReason;
  readonly message?: string;
  readonly startedAt?: Timestamp;
  readonly completedAt?: Timestamp;
  readonly rcaResult?: RcaResult;
  readonly approval?: { readonly approvalRequired: boolean; readonly approvalReason?: string; readonly approvalContext?: ApprovalContext };
  readonly review?: { readonly needsHumanReview: boolean; readonly humanReviewReason?: HumanReviewReason };
  readonly conditions?: readonly Condition[];
}

/** Root cause analysis and choice of a workflow for one signal. */
export interface AIAnalysis extends KubeObject {
  readonly spec: AIAnalysisSpec;
  readonly status?: AIAnalysisStatus;
}
