import type { Condition, KubeObject } from "./object.ts";
import type { PodTemplate } from "./pod.ts";

/** A workload's condition; unlike metav1's, reason and message may be absent. */
export type WorkloadCondition = Pick<Condition, "type" | "status"> & { readonly reason?: string; readonly message?: string };

interface WorkloadSpec {
  readonly selector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly template: PodTemplate;
}

/** apps/v1 Deployment, the part that we read. */
export interface Deployment extends KubeObject {
  readonly spec: WorkloadSpec & { readonly replicas?: number; readonly paused?: boolean };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly unavailableReplicas?: number;
    readonly conditions?: readonly WorkloadCondition[];
  };
}

/** apps/v1 ReplicaSet, the part that we read. */
export interface ReplicaSet extends KubeObject {
  readonly spec: Omit<WorkloadSpec, "template"> & { readonly replicas?: number; readonly template?: PodTemplate };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly WorkloadCondition[];
  };
}

/** apps/v1 StatefulSet, the part that we read. */
export interface StatefulSet extends KubeObject {
  readonly spec: WorkloadSpec & { readonly replicas?: number; readonly serviceName?: string };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly currentRevision?: string;
    readonly updateRevision?: string;
    readonly conditions?: readonly WorkloadCondition[];
  };
}

/** apps/v1 DaemonSet, the part that we read. */
export interface DaemonSet extends KubeObject {
  readonly spec: WorkloadSpec;
  readonly status?: {
    readonly observedGeneration?: number;
    readonly desiredNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
    readonly numberAvailable?: number;
    readonly numberUnavailable?: number;
    readonly conditions?: readonly WorkloadCondition[];
  };
}
