import type { AIAnalysis } from "../../api/ai-analysis.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { findAnalysis, planOf, selectionOf } from "../plan.ts";
import { seconds, statusOf, withCondition, withoutRouting, withProgress } from "../status.ts";
import type { Launch } from "../launch-workflow.ts";
import { blockedBy } from "./blocked-by.ts";
import { occupiedRetryMs, reference } from "./child-reference.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { completed, failed } from "./ended.ts";
import { fenced } from "./fenced.ts";
import { hindered } from "./hindered.ts";
import { heldUp, wait, type Outcome } from "./outcome.ts";

/** The cause is being looked for; when a workflow was chosen, it is launched. */
export function createAnalyzingPhase(deps: PhaseDeps): PhaseHandler<"Analyzing"> {
  return async (rr, { signal }) => {
    const analysis = await findAnalysis(deps.children, deps.caches.aiAnalyses, rr, { signal });
    if (!analysis) return failed(rr, deps, { reason: "AIAnalysisLost", message: "The AIAnalysis of this remediation is gone." }, "AIAnalysis");
    if (analysis.status?.phase === "Failed") {
      return failed(rr, deps, { reason: "AIAnalysisFailed", message: analysis.status.message ?? `${analysis.metadata.name} failed.` }, "AIAnalysis");
    }
    if (analysis.status?.phase !== "Completed") return wait(deps.settings.safetyPollMs);
    const plan = planOf(rr, analysis);
    const end = endWithoutWorkflow(rr, analysis, deps);
    if (end) return end;
    if (!plan) return completed(rr, deps, "ManualReviewRequired", { reason: "NoWorkflowSelected", message: analysis.status.message ?? "The analysis selected no workflow." });
    const kept = keptFromLaunch(rr, deps);
    if (kept) return kept;
    return afterLaunch(rr, analysis, await deps.launch(rr, plan, { signal }), deps);
  };
}

/** The verdicts of an analysis after which nothing is run. */
function endWithoutWorkflow(rr: RemediationRequest, analysis: AIAnalysis, deps: PhaseDeps): Outcome<"Analyzing"> | undefined {
  const status = analysis.status;
  if (status?.reason === "WorkflowNotNeeded") return completed(rr, deps, "NoActionRequired", { reason: "NoActionRequired", message: status.message ?? "The analysis found nothing to do." });
  if (status?.review?.needsHumanReview) {
    return completed(rr, deps, "ManualReviewRequired", { reason: "ManualReviewRequired", message: `The analysis needs a human: ${status.review.humanReviewReason ?? status.message ?? "no reason given"}.` });
  }
  if (status?.approval?.approvalRequired) {
    return completed(rr, deps, "ManualReviewRequired", { reason: "ApprovalRequired", message: `The workflow needs an approval, which this version can not ask for: ${status.approval.approvalReason ?? "no reason given"}.` });
  }
  return undefined;
}

/** Why a workflow that was chosen is not run here. */
function keptFromLaunch(rr: RemediationRequest, deps: PhaseDeps): Outcome<"Analyzing"> | undefined {
  if (deps.settings.dryRun) return completed(rr, deps, "DryRun", { reason: "DryRun", message: "Dry run: the selected workflow is not launched." });
  const { clusterID } = rr.spec;
  if (!clusterID || !deps.settings.ourExecutor) return undefined;
  // Our executor reaches this cluster only: there it would act on whatever has the same name.
  return completed(rr, deps, "ManualReviewRequired", { reason: "OtherCluster", message: `The target is in cluster ${clusterID}, which the execution worker here does not reach.` });
}

/** Step 4 of the safety protocol: the move to Executing is a compare-and-swap at the version that the launch was judged on. */
function afterLaunch(rr: RemediationRequest, analysis: AIAnalysis, launch: Launch, deps: PhaseDeps): Outcome<"Analyzing"> {
  const nowMs = deps.clock.now();
  const selection = selectionOf(rr, analysis);
  const chosen = { ...statusOf(rr), ...(selection ? { workflowSelection: selection } : {}) };
  switch (launch.kind) {
    case "contended":
      return heldUp(launch.retryAfterMs);
    case "occupied":
      return heldUp(occupiedRetryMs);
    case "refused":
      return failed(rr, deps, { reason: "WorkflowExecutionRefused", message: `The API server takes no WorkflowExecution of this workflow: ${launch.message}` }, "WorkflowExecution", chosen);
    case "hindered":
      return hindered(rr, launch.because);
    case "blocked":
      return blockedBy(rr, launch.condition, deps, chosen);
    case "fenced":
      return fenced(rr, launch.execution);
    case "born": {
      const name = launch.execution.metadata.name;
      const progressed = withProgress(withoutRouting(chosen), { executingStartTime: seconds(nowMs), workflowExecutionRef: reference(launch.execution) });
      const complete = { type: "AIAnalysisComplete", status: "True", reason: "AIAnalysisSucceeded", message: "Analysis completed" } as const;
      const ready = { type: "WorkflowExecutionReady", status: "True", reason: "WorkflowExecutionCreated", message: `WorkflowExecution ${name} created` } as const;
      const status = withCondition(withCondition(progressed, complete, nowMs, rr.metadata.generation), ready, nowMs, rr.metadata.generation);
      return { kind: "move", to: "Executing", status, reason: "Executing", message: `Workflow ${selection?.workflowDisplayName ?? ""} is launched as ${name}.` };
    }
    default:
      return assertNever(launch);
  }
}
