import type { Duration } from "./duration.ts";
import type { Condition, KubeObject, ObjectReference } from "./object.ts";
import type { TargetResource } from "./target.ts";
import type { Timestamp } from "./timestamp.ts";

/** Where a remediation stands. Completed, Failed, TimedOut, Skipped and Cancelled are final. */
export type RemediationPhase =
  | "Pending"
  | "Processing"
  | "Analyzing"
  | "AwaitingApproval"
  | "Executing"
  | "Verifying"
  | "Blocked"
  | "Completed"
  | "Failed"
  | "TimedOut"
  | "Skipped"
  | "Cancelled";

/** What a Completed remediation came to. */
export type RemediationOutcome =
  | "Remediated"
  | "NoActionRequired"
  | "ManualReviewRequired"
  | "VerificationTimedOut"
  | "Inconclusive"
  | "DryRun";

/** Why a remediation waits (domain rules, section Blocking conditions). */
export type BlockReason =
  | "UnmanagedResource"
  | "ConsecutiveFailures"
  | "DuplicateInProgress"
  | "ResourceBusy"
  | "RecentlyRemediated"
  | "ExponentialBackoff"
  | "IneffectiveChain";

/** The kind of platform that a target belongs to. */
export type TargetType = "kubernetes" | "aws" | "azure" | "gcp" | "datadog";

/** The signal, as the gateway saw it. Immutable. */
export interface RemediationRequestSpec {
  /** 64 lowercase hex digits: the same illness of the same target has the same one. */
  readonly signalFingerprint: string;
  readonly signalName: string;
  readonly severity: string;
  /** In practice `alert`. */
  readonly signalType: string;
  readonly signalSource?: string;
  readonly targetType: TargetType;
  readonly targetResource: TargetResource;
  /** Empty or absent: this cluster. */
  readonly clusterID?: string;
  readonly firingTime: Timestamp;
  readonly receivedTime: Timestamp;
  readonly signalLabels?: Readonly<Record<string, string>>;
  readonly signalAnnotations?: Readonly<Record<string, string>>;
  readonly providerData?: string;
  readonly originalPayload?: string;
}

/** How often the signal was seen. The gateway's; the orchestrator never writes it. */
export interface Deduplication {
  readonly firstSeenAt?: Timestamp;
  readonly lastSeenAt?: Timestamp;
  readonly occurrenceCount?: number;
}

/** Longest stay in a phase; an operator may edit it. `awaitingApproval` and `verifying` exist in our CRD only. */
export interface TimeoutConfig {
  readonly global?: Duration;
  readonly processing?: Duration;
  readonly analyzing?: Duration;
  readonly awaitingApproval?: Duration;
  readonly executing?: Duration;
  readonly verifying?: Duration;
}

/** When phases began and which children stand for them. */
export interface PhaseProgress {
  readonly processingStartTime?: Timestamp;
  readonly analyzingStartTime?: Timestamp;
  /** Our CRD only. */
  readonly awaitingApprovalStartTime?: Timestamp;
  readonly executingStartTime?: Timestamp;
  readonly verificationDeadline?: Timestamp;
  /** Seconds spent Blocked or AwaitingApproval so far, without the present stay: they do not eat the global budget. Our CRD only. */
  readonly pausedSeconds?: number;
  readonly signalProcessingRef?: ObjectReference;
  readonly aiAnalysisRef?: ObjectReference;
  readonly workflowExecutionRef?: ObjectReference;
  readonly effectivenessAssessmentRef?: ObjectReference;
  readonly currentProcessingRef?: ObjectReference;
}

/** Why and until when a remediation waits, and what earlier ones mean for it. */
export interface RoutingStatus {
  readonly blockReason?: BlockReason;
  readonly blockMessage?: string;
  readonly blockedUntil?: Timestamp;
  /** Since when the present block holds. Our CRD only. */
  readonly blockedSince?: Timestamp;
  /** The phase that was blocked and is returned to. Our CRD only. */
  readonly blockedPhase?: "Pending" | "Analyzing" | "AwaitingApproval";
  /** How often this block was looked at again. Our CRD only. */
  readonly blockAttempt?: number;
  readonly blockingWorkflowExecution?: string;
  /** Name of the RemediationRequest that this one duplicates. */
  readonly duplicateOf?: string;
  /** Name of the WorkflowExecution that cured this one as well. */
  readonly deduplicatedByWE?: string;
  readonly nextAllowedExecution?: Timestamp;
  readonly consecutiveFailureCount?: number;
  readonly skipReason?: string;
  readonly skipMessage?: string;
}

/** State of the notifications that were sent about a remediation. */
export type NotificationStatus = "Pending" | "InProgress" | "Sent" | "Failed" | "Cancelled";

/** How a remediation ended, and who was told. */
export interface CompletionStatus {
  readonly outcome?: RemediationOutcome;
  readonly requiresManualReview?: boolean;
  readonly failurePhase?: string;
  readonly failureReason?: string;
  readonly timeoutPhase?: RemediationPhase;
  readonly timeoutTime?: Timestamp;
  readonly approvalNotificationSent?: boolean;
  readonly notificationRequestRefs?: readonly ObjectReference[];
  readonly notificationStatus?: NotificationStatus;
}

/** Who touched it last, and the target's state before the cure (immutable once set). */
export interface OperatorAudit {
  readonly lastModifiedBy?: string;
  readonly lastModifiedAt?: Timestamp;
  readonly preRemediationSpecHash?: string;
}

/** The cure that was chosen, for people and for later remediations. */
export interface WorkflowSelection {
  readonly selectedWorkflowRef?: {
    readonly workflowId: string;
    readonly version: string;
    readonly executionBundle: string;
    readonly executionBundleDigest?: string;
  };
  readonly remediationTarget?: TargetResource;
  readonly targetDisplay?: string;
  readonly signalTargetDisplay?: string;
  /** Two decimals, as text. */
  readonly confidence?: string;
  readonly workflowDisplayName?: string;
}

/** Everything that the orchestrator (and, in `deduplication`, the gateway) knows of a remediation. */
export interface RemediationRequestStatus {
  /** Absent on an object that nobody has looked at. */
  readonly overallPhase?: RemediationPhase;
  readonly deduplication?: Deduplication;
  readonly observedGeneration?: number;
  readonly message?: string;
  readonly startTime?: Timestamp;
  readonly completedAt?: Timestamp;
  readonly retentionExpiryTime?: Timestamp;
  readonly conditions?: readonly Condition[];
  readonly timeoutConfig?: TimeoutConfig;
  readonly phaseProgress?: PhaseProgress;
  readonly routingStatus?: RoutingStatus;
  readonly completionStatus?: CompletionStatus;
  readonly operatorAudit?: OperatorAudit;
  readonly workflowSelection?: WorkflowSelection;
}

/** A signal that asks for a cure, and how far it got. */
export interface RemediationRequest extends KubeObject {
  readonly spec: RemediationRequestSpec;
  readonly status?: RemediationRequestStatus;
}
