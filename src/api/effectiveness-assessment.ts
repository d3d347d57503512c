import type { Duration } from "./duration.ts";
import type { Condition, KubeObject } from "./object.ts";
import type { TargetResource } from "./target.ts";
import type { Timestamp } from "./timestamp.ts";

/** Where an assessment stands. Completed and Failed are final. */
export type AssessmentPhase = "Pending" | "WaitingForPropagation" | "Stabilizing" | "Assessing" | "Completed" | "Failed";

/** How complete an assessment is, or why there is none. */
export type AssessmentReason =
  | "Full"
  | "Partial"
  | "NoExecution"
  | "MetricsTimedOut"
  | "Expired"
  | "SpecDrift"
  | "AlertDecayTimeout"
  | "Unrecoverable";

/** What is to be assessed. Immutable. */
export interface EffectivenessAssessmentSpec {
  /** The RemediationRequest's name. */
  readonly correlationID: string;
  readonly clusterID?: string;
  readonly remediationRequestPhase: "Verifying" | "Completed" | "Failed" | "TimedOut";
  readonly signalName?: string;
  readonly signalTarget: TargetResource;
  readonly remediationTarget: TargetResource;
  readonly config: {
    readonly stabilizationWindow: Duration;
    readonly hashComputeDelay?: Duration;
    readonly alertCheckDelay?: Duration;
  };
  readonly preRemediationSpecHash?: string;
  readonly remediationCreatedAt?: Timestamp;
}

/** What was measured; scores from 0 to 1. */
export interface AssessmentComponents {
  readonly healthAssessed?: boolean;
  readonly healthScore?: number;
  readonly alertAssessed?: boolean;
  readonly alertScore?: number;
  readonly alertDecayRetries?: number;
  readonly metricsAssessed?: boolean;
  readonly metricsScore?: number;
  readonly hashComputed?: boolean;
  readonly currentSpecHash?: string;
  readonly postRemediationSpecHash?: string;
}

/** Whether the cure worked. */
export interface EffectivenessAssessmentStatus {
  readonly phase?: AssessmentPhase;
  readonly assessmentReason?: AssessmentReason;
  readonly validityDeadline?: Timestamp;
  readonly prometheusCheckAfter?: Timestamp;
  readonly alertManagerCheckAfter?: Timestamp;
  readonly completedAt?: Timestamp;
  readonly message?: string;
  readonly components?: AssessmentComponents;
  readonly conditions?: readonly Condition[];
}

/** A look at the target after the cure. */
export interface EffectivenessAssessment extends KubeObject {
  readonly spec: EffectivenessAssessmentSpec;
  readonly status?: EffectivenessAssessmentStatus;
}
