import type { Condition, KubeObject, ObjectReference } from "./object.ts";
import type { TargetType } from "./remediation-request.ts";
import type { TargetResource } from "./target.ts";
import type { Timestamp } from "./timestamp.ts";

/** Where signal processing stands. Completed and Failed are final. */
export type SignalProcessingPhase = "Pending" | "Enriching" | "Classifying" | "Categorizing" | "Completed" | "Failed";

/** What kind of place the target stands in. */
export type Environment = "Production" | "Staging" | "Development" | "Test" | "Unknown";

/** Severity after classification. */
export type ClassifiedSeverity = "critical" | "high" | "warning" | "info" | "unknown";

/** Whether something has happened or is about to. */
export type SignalMode = "reactive" | "proactive";

/** What the business thinks of a workload. */
export interface BusinessClassification {
  readonly businessUnit?: string;
  readonly serviceOwner?: string;
  readonly criticality?: "Critical" | "High" | "Medium" | "Low";
  readonly slaRequirement?: "Platinum" | "Gold" | "Silver" | "Bronze";
}

/** What the cluster says of the target. */
export interface KubernetesContext {
  readonly clusterID?: string;
  readonly degradedMode?: boolean;
  readonly customLabels?: Readonly<Record<string, readonly string[]>>;
  readonly cluster?: { readonly labels?: Readonly<Record<string, string>> };
  readonly namespace?: {
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly ownerChain?: readonly {
    readonly kind: string;
    readonly name: string;
    readonly namespace?: string;
    readonly api_version?: string;
  }[];
  readonly workload?: {
    readonly kind: string;
    readonly name: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
}

/** The signal to be processed: the RemediationRequest's spec under other names. Its target has no apiVersion. */
export interface ProcessedSignal {
  readonly fingerprint: string;
  readonly name: string;
  readonly severity: string;
  readonly type: string;
  readonly source?: string;
  readonly targetType: TargetType;
  readonly targetResource: Omit<TargetResource, "apiVersion">;
  readonly clusterID?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly firingTime?: Timestamp;
  readonly receivedTime: Timestamp;
  readonly providerData?: string;
}

/** What is to be processed. Immutable. */
export interface SignalProcessingSpec {
  /** Its name must not be empty; it carries apiVersion, kind, name, namespace and uid only. */
  readonly remediationRequestRef: ObjectReference & { readonly name: string };
  readonly signal: ProcessedSignal;
  readonly timesOutAt?: Timestamp;
}

/** What was found out. */
export interface SignalProcessingStatus {
  readonly observedGeneration?: number;
  readonly phase?: SignalProcessingPhase;
  readonly startTime?: Timestamp;
  readonly completionTime?: Timestamp;
  readonly kubernetesContext?: KubernetesContext;
  readonly environmentClassification?: { readonly environment: Environment; readonly source: string; readonly classifiedAt: Timestamp };
  readonly priorityAssignment?: {
    readonly priority: string;
    readonly source: string;
    readonly policyName?: string;
    readonly assignedAt: Timestamp;
  };
  readonly businessClassification?: BusinessClassification;
  readonly signalClassification?: {
    readonly severity?: ClassifiedSeverity;
    readonly signalMode?: SignalMode;
    readonly signalName?: string;
    readonly sourceSignalName?: string;
  };
  readonly failureInfo?: { readonly error?: string; readonly consecutiveFailures?: number; readonly lastFailureTime?: Timestamp };
  readonly conditions?: readonly Condition[];
}

/** Enrichment and classification of one signal. */
export interface SignalProcessing extends KubeObject {
  readonly spec: SignalProcessingSpec;
  readonly status?: SignalProcessingStatus;
}
