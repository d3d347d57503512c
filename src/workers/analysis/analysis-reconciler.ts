import type { AIAnalysis, AIAnalysisStatus, SignalContext } from "../../api/ai-analysis.ts";
import { kinds } from "../../api/kinds.ts";
import { parseKey } from "../../api/object.ts";
import type { RemediationWorkflow } from "../../api/remediation-workflow.ts";
import { timestamp } from "../../api/timestamp.ts";
import type { CacheReader } from "../../cache/ports.ts";
import { done, type Reconciler } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import { casStatus } from "../../kube/compare-and-swap.ts";
import type { Reader, Writer } from "../../kube/ports.ts";
import { chooseWorkflow, type Choice } from "./choose-workflow.ts";

export interface AnalysisDeps {
  readonly client: Reader & Writer;
  readonly analyses: CacheReader<AIAnalysis>;
  readonly catalog: CacheReader<RemediationWorkflow>;
  readonly clock: Clock;
}

/** Answers each AIAnalysis once, from the catalog as it is known here: no model is asked, and the answer says why. */
export function createAnalysisReconciler(deps: AnalysisDeps): Reconciler {
  return async (key, { signal }) => {
    const analysis = deps.analyses.get(parseKey(key));
    const phase = analysis?.status?.phase;
    if (!analysis || analysis.metadata.deletionTimestamp || phase === "Completed" || phase === "Failed") return done;
    const { signalContext } = analysis.spec.analysisRequest;
    const known = choiceFrom(deps.catalog.list(), signalContext);
    // That nothing fits ends a remediation: the catalog may have an entry that has not come here yet.
    const choice = known.kind === "none" ? choiceFrom((await deps.client.list(kinds.RemediationWorkflow, { namespace: analysis.metadata.namespace ?? "" }, { signal })).items, signalContext) : known;
    const status = answer(analysis, choice, deps.clock.now());
    await casStatus(deps.client, kinds.AIAnalysis, { ...analysis, status }, { signal });
    return done;
  };
}

function choiceFrom(catalog: readonly RemediationWorkflow[], signal: SignalContext): Choice {
  return chooseWorkflow(catalog.filter(({ metadata }) => !metadata.deletionTimestamp), signal);
}

function answer(analysis: AIAnalysis, choice: Choice, nowMs: number): AIAnalysisStatus {
  const { signalContext } = analysis.spec.analysisRequest;
  const at = timestamp(nowMs);
  const ended = { ...analysis.status, phase: "Completed", startedAt: at, completedAt: at } as const;
  if (choice.kind === "none") {
    return { ...ended, reason: "NoWorkflowSelected", subReason: "NoMatchingWorkflows", message: choice.because, review: { needsHumanReview: true, humanReviewReason: "no_matching_workflows" } };
  }
  const { targetResource, severity, signalName } = signalContext;
  const summary = `${signalName} on ${targetResource.kind}/${targetResource.name}`;
  return {
    ...ended,
    reason: "AnalysisCompleted",
    message: choice.workflow.rationale,
    approval: { approvalRequired: false },
    rcaResult: {
      actionability: "Actionable",
      rootCause: summary,
      rootCauseAnalysis: { summary, severity, signalType: "alert", contributingFactors: [], remediationTarget: targetResource },
      selectedWorkflow: { ...choice.workflow, selectedAt: at },
    },
  };
}
