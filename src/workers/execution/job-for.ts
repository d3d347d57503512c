import { FENCE_ANNOTATION } from "../../api/annotations.ts";
import type { Job } from "../../api/job.ts";
import { controllerOf, type Draft, type Json } from "../../api/object.ts";
import type { Container, EnvVar } from "../../api/pod.ts";
import { parseTarget } from "../../api/target.ts";
import { epochMsOf } from "../../api/timestamp.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";

/** Label on Jobs and their pods: the uid of the WorkflowExecution that they run. */
export const EXECUTION_LABEL = "kubernaut.ai/workflow-execution-uid";

/** Name of an execution's Job: by uid, so that it is never an earlier execution's. */
export function jobNameOf(execution: WorkflowExecution): string {
  return `wfe-${execution.metadata.uid}`;
}

/**
 * The Job of an execution, suspended: it acts only after the execution has become Running. No retry and no second pod
 * (Kubernetes may still start one twice: `RO_FENCE` and `RO_RUN_ID` let the workflow tell).
 */
export function jobFor(execution: WorkflowExecution, nowMs: number): Draft<Job> {
  const { metadata, spec } = execution;
  const config = engineConfigOf(spec.workflowRef.engineConfig);
  const labels = { [EXECUTION_LABEL]: metadata.uid };
  const dueMs = epochMsOf(spec.timesOutAt);
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: {
      name: jobNameOf(execution),
      namespace: metadata.namespace ?? "",
      labels,
      ownerReferences: [{ apiVersion: execution.apiVersion, kind: execution.kind, name: metadata.name, uid: metadata.uid, controller: true, blockOwnerDeletion: true }],
    },
    spec: {
      suspend: true,
      backoffLimit: 0,
      podReplacementPolicy: "Failed",
      ...(dueMs === undefined ? {} : { activeDeadlineSeconds: Math.max(1, Math.ceil((dueMs - nowMs) / 1000)) }),
      template: {
        metadata: { labels, ...(config.podAnnotations ? { annotations: config.podAnnotations } : {}) },
        spec: {
          restartPolicy: "Never",
          ...(spec.workflowRef.serviceAccountName ? { serviceAccountName: spec.workflowRef.serviceAccountName } : {}),
          containers: [containerOf(execution, config)],
        },
      },
    },
  };
}

function containerOf(execution: WorkflowExecution, config: EngineConfig): Container {
  const { workflowRef } = execution.spec;
  const image = workflowRef.executionBundleDigest ? `${workflowRef.executionBundle}@${workflowRef.executionBundleDigest}` : workflowRef.executionBundle;
  return {
    name: "workflow",
    image,
    ...(config.command ? { command: config.command } : {}),
    ...(config.args ? { args: config.args } : {}),
    env: environmentOf(execution),
    ...(workflowRef.resources ? { resources: workflowRef.resources } : {}),
    ...(config.imagePullPolicy ? { imagePullPolicy: config.imagePullPolicy } : {}),
  };
}

/** The workflow's parameters as they are named, and what it needs to act on the right thing at most once. */
function environmentOf({ metadata, spec }: WorkflowExecution): readonly EnvVar[] {
  const target = parseTarget(spec.targetResource);
  const ours = {
    RO_RUN_ID: spec.remediationRequestRef.uid ?? "",
    RO_FENCE: metadata.annotations?.[FENCE_ANNOTATION] ?? "",
    RO_TARGET: spec.targetResource,
    RO_TARGET_KIND: target?.kind ?? "",
    RO_TARGET_NAME: target?.name ?? "",
    RO_TARGET_NAMESPACE: target?.namespace ?? "",
    RO_CLUSTER_ID: spec.clusterID ?? "",
  };
  return Object.entries({ ...spec.parameters, ...ours }).map(([name, value]) => ({ name, value }));
}

/** What the job engine takes from a workflow's free engineConfig; anything else in it is left alone. */
interface EngineConfig {
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly podAnnotations?: Readonly<Record<string, string>>;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
}

function engineConfigOf(json: Json | undefined): EngineConfig {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return {};
  const { command, args, podAnnotations, imagePullPolicy } = json as Readonly<Record<string, Json>>;
  return {
    ...(isWords(command) ? { command } : {}),
    ...(isWords(args) ? { args } : {}),
    ...(isStringMap(podAnnotations) ? { podAnnotations } : {}),
    ...(imagePullPolicy === "Always" || imagePullPolicy === "IfNotPresent" || imagePullPolicy === "Never" ? { imagePullPolicy } : {}),
  };
}

function isWords(json: Json | undefined): json is readonly string[] {
  return Array.isArray(json) && json.every((word) => typeof word === "string");
}

function isStringMap(json: Json | undefined): json is Readonly<Record<string, string>> {
  return typeof json === "object" && json !== null && !Array.isArray(json) && Object.values(json).every((value) => typeof value === "string");
}

/** Whether `job` was made for this very execution. */
export function isJobOf(job: Job, execution: WorkflowExecution): boolean {
  return controllerOf(job)?.uid === execution.metadata.uid;
}
