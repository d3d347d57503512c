import type { Condition, KubeObject, ObjectReference } from "./object.ts";
import type { Timestamp } from "./timestamp.ts";

/** Where a notification stands. Sent, PartiallySent and Failed are final. */
export type NotificationPhase = "Pending" | "Sending" | "Retrying" | "Sent" | "PartiallySent" | "Failed";

/** What a notification is. */
export type NotificationType = "Escalation" | "Simple" | "StatusUpdate" | "Approval" | "ManualReview" | "Completion";

/** How much it matters. */
export type NotificationPriority = "Critical" | "High" | "Medium" | "Low";

/** What the text is about, for routing and templates. */
export interface NotificationContext {
  readonly lineage?: { readonly remediationRequest?: string; readonly aiAnalysis?: string };
  readonly target?: { readonly targetResource?: string };
  readonly analysis?: { readonly rootCause?: string; readonly outcome?: string; readonly approvalReason?: string };
  readonly workflow?: {
    readonly selectedWorkflow?: string;
    readonly workflowId?: string;
    readonly workflowName?: string;
    readonly actionType?: string;
    readonly executionEngine?: string;
    readonly confidence?: string;
  };
  readonly review?: {
    readonly reason?: string;
    readonly subReason?: string;
    readonly humanReviewReason?: string;
    readonly rootCauseAnalysis?: string;
  };
  readonly execution?: { readonly timeoutPhase?: string; readonly phaseTimeout?: string; readonly retryCount?: string };
  readonly verification?: {
    readonly assessed: boolean;
    readonly outcome?: string;
    readonly reason?: string;
    readonly summary?: string;
  };
  readonly dedup?: { readonly duplicateCount?: string };
}

/** How often and how patiently delivery is tried. */
export interface NotificationRetryPolicy {
  readonly maxAttempts?: number;
  readonly initialBackoffSeconds?: number;
  readonly backoffMultiplier?: number;
  readonly maxBackoffSeconds?: number;
}

/** What people are to be told. Immutable. */
export interface NotificationRequestSpec {
  readonly remediationRequestRef?: ObjectReference;
  readonly type: NotificationType;
  readonly priority: NotificationPriority;
  /** 1 to 500 characters. */
  readonly subject: string;
  readonly body: string;
  readonly severity?: string;
  readonly phase?: string;
  readonly clusterID?: string;
  readonly reviewSource?: "AIAnalysis" | "WorkflowExecution" | "RoutingEngine";
  readonly context?: NotificationContext;
  readonly extensions?: Readonly<Record<string, string>>;
  readonly actionLinks?: readonly { readonly service: string; readonly label: string; readonly url: string }[];
  readonly retryPolicy?: NotificationRetryPolicy;
  readonly retentionDays?: number;
}

/** One try to deliver on one channel. */
export interface DeliveryAttempt {
  readonly channel: string;
  readonly attempt: number;
  readonly timestamp: Timestamp;
  readonly status: "success" | "failed" | "timeout" | "invalid";
  readonly error?: string;
  readonly durationSeconds?: number;
}

/** What became of it. */
export interface NotificationRequestStatus {
  readonly observedGeneration?: number;
  readonly phase?: NotificationPhase;
  readonly reason?: string;
  readonly message?: string;
  readonly queuedAt?: Timestamp;
  readonly processingStartedAt?: Timestamp;
  readonly completionTime?: Timestamp;
  readonly totalAttempts?: number;
  readonly successfulDeliveries?: number;
  readonly failedDeliveries?: number;
  readonly deliveryAttempts?: readonly DeliveryAttempt[];
  readonly conditions?: readonly Condition[];
}

/** A message to people. */
export interface NotificationRequest extends KubeObject {
  readonly spec: NotificationRequestSpec;
  readonly status?: NotificationRequestStatus;
}
