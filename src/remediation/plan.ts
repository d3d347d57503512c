import type { AIAnalysis } from "../api/ai-analysis.ts";
import { aiAnalysisName } from "../api/child-names.ts";
import { kinds } from "../api/kinds.ts";
import type { ObjectKey } from "../api/object.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../api/remediation-request.ts";
import { targetDisplay, targetString, type TargetResource } from "../api/target.ts";
import type { CacheReader } from "../cache/ports.ts";
import type { CallOptions } from "../kube/ports.ts";
import type { LockTarget } from "../locking/ports.ts";
import type { Children } from "./children.ts";
import type { LaunchPlan } from "./launch-workflow.ts";

/** What the analysis chose to act on: its remediation target, or the signal's where it names none. */
export function chosenTarget(rr: RemediationRequest, analysis: AIAnalysis): TargetResource {
  return analysis.status?.rcaResult?.rootCauseAnalysis?.remediationTarget ?? rr.spec.targetResource;
}

/** The lock's view of a target in the cluster that `rr` is about. */
export function lockTargetOf(rr: RemediationRequest, target: TargetResource): LockTarget {
  return { resource: targetString(target), ...(rr.spec.clusterID ? { clusterID: rr.spec.clusterID } : {}) };
}

/** What a finished analysis wants run; undefined when it chose no workflow. */
export function planOf(rr: RemediationRequest, analysis: AIAnalysis): LaunchPlan | undefined {
  const workflow = analysis.status?.rcaResult?.selectedWorkflow;
  return workflow && { target: lockTargetOf(rr, chosenTarget(rr, analysis)), workflow };
}

/** Finds the analysis of `rr` by name, cached or live. */
export function findAnalysis(children: Children, cache: Pick<CacheReader<AIAnalysis>, "get">, rr: RemediationRequest, options: CallOptions): Promise<AIAnalysis | undefined> {
  return children.find(kinds.AIAnalysis, cache, rr.status?.phaseProgress?.aiAnalysisRef?.name ?? aiAnalysisName(rr.metadata.name), rr, options);
}

/** What `rr` waits to run. An analysis that the cache does not show finished may be behind the one that is known: it is asked for live. */
export async function findPlan(children: Children, cache: CacheReader<AIAnalysis>, rr: RemediationRequest, options: CallOptions): Promise<LaunchPlan | undefined> {
  const finished = {
    get: (key: ObjectKey) => {
      const cached = cache.get(key);
      return cached && planOf(rr, cached) ? cached : undefined;
    },
  };
  const analysis = await findAnalysis(children, finished, rr, options);
  return analysis && planOf(rr, analysis);
}

/** What people see of the choice, as status.workflowSelection. */
export function selectionOf(rr: RemediationRequest, analysis: AIAnalysis): RemediationRequestStatus["workflowSelection"] {
  const workflow = analysis.status?.rcaResult?.selectedWorkflow;
  if (!workflow) return rr.status?.workflowSelection;
  const target = chosenTarget(rr, analysis);
  return {
    ...rr.status?.workflowSelection,
    selectedWorkflowRef: {
      workflowId: workflow.workflowId,
      version: workflow.version,
      executionBundle: workflow.executionBundle,
      ...(workflow.executionBundleDigest ? { executionBundleDigest: workflow.executionBundleDigest } : {}),
    },
    remediationTarget: target,
    targetDisplay: targetDisplay(target),
    signalTargetDisplay: targetDisplay(rr.spec.targetResource),
    confidence: String(workflow.confidence),
    workflowDisplayName: `${workflow.actionType}:${workflow.workflowName}`,
  };
}
