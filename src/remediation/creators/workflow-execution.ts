import { FENCE_ANNOTATION, WORKFLOW_EXECUTION_FINALIZER } from "../../api/annotations.ts";
import type { SelectedWorkflow } from "../../api/ai-analysis.ts";
import { workflowExecutionName } from "../../api/child-names.ts";
import type { Draft } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import type { Claim } from "../../locking/ports.ts";
import { childMeta, referenceTo } from "./owned-by.ts";

export interface WorkflowExecutionOptions {
  /** RFC 3339. */
  readonly timesOutAt: string;
  /** Whether our executor runs it, and so guards it with a finalizer that it takes off again. */
  readonly ourExecutor: boolean;
}

/** The workflow of `rr` on the claimed target. Asking for the claim is what keeps code without a lock from creating one. */
export function workflowExecutionFor(rr: RemediationRequest, workflow: SelectedWorkflow, claim: Claim, options: WorkflowExecutionOptions): Draft<WorkflowExecution> {
  const { parameters, confidence, rationale, selectedAt: _selectedAt, ...workflowRef } = workflow;
  const meta = childMeta(rr, workflowExecutionName(rr.metadata.name));
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "WorkflowExecution",
    metadata: {
      ...meta,
      annotations: { [FENCE_ANNOTATION]: claim.fence },
      ...(options.ourExecutor ? { finalizers: [WORKFLOW_EXECUTION_FINALIZER] } : {}),
    },
    spec: {
      remediationRequestRef: referenceTo(rr),
      targetResource: claim.target.resource,
      ...(claim.target.clusterID ? { clusterID: claim.target.clusterID } : {}),
      workflowRef,
      ...(parameters ? { parameters } : {}),
      confidence,
      rationale,
      timesOutAt: options.timesOutAt,
    },
  };
}
