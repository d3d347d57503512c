import type { AIAnalysis, SignalContext } from "../../src/api/ai-analysis.ts";
import type { Lease } from "../../src/api/lease.ts";
import type { ObjectMeta } from "../../src/api/object.ts";
import type { RemediationRequest, RemediationRequestSpec, RemediationRequestStatus } from "../../src/api/remediation-request.ts";
import type { RemediationWorkflow } from "../../src/api/remediation-workflow.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../src/api/workflow-execution.ts";
import { KEY_ANNOTATION } from "../../src/locking/lease-marks.ts";
import { leaseName } from "../../src/locking/lease-name.ts";

export const NAMESPACE = "kubernaut-system";
/** Where the tests' time begins. */
export const T0 = "2026-01-01T00:00:00Z";

let versions = 1000;

function meta(name: string, given: Partial<ObjectMeta> = {}): ObjectMeta {
  return { name, namespace: NAMESPACE, uid: `uid-${name}`, resourceVersion: String(versions++), generation: 1, creationTimestamp: T0, ...given };
}

/** A RemediationRequest for Deployment shop/checkout, as the API server would hold it. */
export function remediationRequest(name: string, status?: RemediationRequestStatus, given: { readonly meta?: Partial<ObjectMeta>; readonly spec?: Partial<RemediationRequestSpec> } = {}): RemediationRequest {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationRequest",
    metadata: meta(name, given.meta),
    spec: {
      signalFingerprint: "8bc83009dae946e70ecdf43858a774b579d5f8d23a6b6f3215b8aa4a21275691",
      signalName: "KubePodCrashLooping",
      severity: "critical",
      signalType: "alert",
      targetType: "kubernetes",
      targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace: "shop" },
      firingTime: T0,
      receivedTime: T0,
      ...given.spec,
    },
    ...(status ? { status } : {}),
  };
}

/** The WorkflowExecution of the RemediationRequest `owner` on Deployment shop/checkout; `null` makes one that nobody owns. */
export function workflowExecution(owner: string | null, status?: WorkflowExecutionStatus, given: { readonly meta?: Partial<ObjectMeta>; readonly workflowId?: string } = {}): WorkflowExecution {
  const rr = { apiVersion: "kubernaut.ai/v1alpha1", kind: "RemediationRequest", name: owner ?? "nobody", uid: `uid-${owner ?? "nobody"}` };
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "WorkflowExecution",
    metadata: meta(`we-${owner ?? "stray"}`, { ...(owner === null ? {} : { ownerReferences: [{ ...rr, controller: true, blockOwnerDeletion: true }] }), ...given.meta }),
    spec: {
      remediationRequestRef: { ...rr, namespace: NAMESPACE },
      targetResource: "shop/Deployment/checkout",
      workflowRef: { workflowId: given.workflowId ?? "restart", workflowName: "restart-deployment", actionType: "RestartDeployment", version: "1.0.0", executionBundle: "example/restart:1.0.0", executionEngine: "job" },
    },
    ...(status ? { status } : {}),
  };
}

/** A claim of the RemediationRequest `owner` on `target`, as the API server would hold it. */
export function claimLease(owner: string, target = "shop/Deployment/checkout"): Lease {
  return {
    apiVersion: "coordination.k8s.io/v1",
    kind: "Lease",
    metadata: meta(leaseName(target), { annotations: { [KEY_ANNOTATION]: target } }),
    spec: { holderIdentity: `rr/${NAMESPACE}/${owner}/uid-${owner}` },
  };
}

/** What an analysis is told of a critical alert in production. */
export function signalContext(given: Partial<SignalContext> = {}): SignalContext {
  return {
    fingerprint: "8bc83009dae946e70ecdf43858a774b579d5f8d23a6b6f3215b8aa4a21275691",
    severity: "critical",
    signalName: "KubePodCrashLooping",
    environment: "Production",
    businessPriority: "P0",
    targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace: "shop" },
    enrichmentResults: {},
    ...given,
  };
}

/** A finished analysis of the RemediationRequest `owner` that chose `workflowId`. */
export function completedAnalysis(owner: string, workflowId = "restart", signal: Partial<SignalContext> = {}): AIAnalysis {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "AIAnalysis",
    metadata: meta(`ai-${owner}`, { ownerReferences: [{ apiVersion: "kubernaut.ai/v1alpha1", kind: "RemediationRequest", name: owner, uid: `uid-${owner}`, controller: true }] }),
    spec: { remediationId: owner, remediationRequestRef: { name: owner }, analysisRequest: { analysisTypes: ["WorkflowSelection"], signalContext: signalContext(signal) } },
    status: {
      phase: "Completed",
      reason: "AnalysisCompleted",
      rcaResult: {
        rootCauseAnalysis: { summary: "crash loop", signalType: "alert", remediationTarget: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace: "shop" } },
        selectedWorkflow: { ...workflowExecution(owner, undefined, { workflowId }).spec.workflowRef, confidence: 0.95, rationale: "it fits" },
      },
    },
  };
}

/** An entry of the catalog that fits every critical Deployment in production unless told otherwise. */
export function remediationWorkflow(name: string, given: Partial<RemediationWorkflow["spec"]> = {}): RemediationWorkflow {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationWorkflow",
    metadata: meta(name),
    spec: {
      actionType: "RestartDeployment",
      version: "1.0.0",
      description: { what: "Restarts it.", whenToUse: "When it crashes." },
      labels: { component: ["Deployment"], environment: ["Production"], severity: ["critical"], priority: "*" },
      execution: { engine: "job", bundle: "example/restart:1.0.0" },
      parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "what to restart" }],
      ...given,
    },
  };
}
