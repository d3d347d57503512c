import { workflowExecutionName } from "../../api/child-names.ts";
import { formatDuration } from "../../api/duration.ts";
import { kinds } from "../../api/kinds.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { isFenced, isTerminalExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import type { ReconcileContext } from "../../controller/ports.ts";
import { releaseIfPossible } from "../../locking/release-if-possible.ts";
import { isChildOf } from "../children.ts";
import { effectivenessAssessmentFor } from "../creators/effectiveness-assessment.ts";
import { holderOf } from "../routing/engine.ts";
import { seconds, statusOf, withCondition, withProgress } from "../status.ts";
import { occupiedRetryMs, reference } from "./child-reference.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { failed, timedOut } from "./ended.ts";
import { fenced } from "./fenced.ts";
import { heldUp, wait, type Outcome } from "./outcome.ts";

/** A WorkflowExecution was named. It is read live and by name (safety protocol, step 0): what it became decides. */
export function createExecutingPhase(deps: PhaseDeps): PhaseHandler<"Executing"> {
  return async (rr, context) => {
    const ref = rr.status?.phaseProgress?.workflowExecutionRef;
    const name = ref?.name ?? workflowExecutionName(rr.metadata.name);
    const execution = await deps.client.get(kinds.WorkflowExecution, { namespace: rr.metadata.namespace ?? "", name }, { signal: context.signal });
    if (!execution || !isNamed(rr, execution)) {
      return failed(rr, deps, { reason: "WorkflowExecutionLost", message: `WorkflowExecution ${name} is gone; whether its workflow ran is not known.` }, "WorkflowExecution");
    }
    if (!isTerminalExecution(execution)) return ref?.uid ? wait(deps.settings.safetyPollMs) : nameByUid(rr, execution);
    // Its owner may be launching the next one by now, under the same claim: that is left to the reaper, which goes by its version.
    if (isFenced(execution)) return fenced(rr, execution);
    // The claim has served; whoever waits for the target should not wait for this status as well.
    const [outcome] = await Promise.all([afterEnd(rr, execution, deps, context), release(deps, rr, execution, context)]);
    return outcome;
  };
}

/** Another orchestrator may have named its WorkflowExecution without a uid: then the owner's uid says whose it is. */
function isNamed(rr: RemediationRequest, execution: WorkflowExecution): boolean {
  const uid = rr.status?.phaseProgress?.workflowExecutionRef?.uid;
  return uid ? uid === execution.metadata.uid : isChildOf(execution, rr);
}

function nameByUid(rr: RemediationRequest, execution: WorkflowExecution): Outcome<"Executing"> {
  const status = withProgress(statusOf(rr), { workflowExecutionRef: reference(execution) });
  return { kind: "amend", status, reason: "WorkflowExecutionNamed", message: `${execution.metadata.name} is named by its uid.` };
}

/** The executor gives the target's claim back as well; whoever sees the end first is first. */
function release(deps: PhaseDeps, rr: RemediationRequest, execution: WorkflowExecution, context: ReconcileContext): Promise<void> {
  const { targetResource: resource, clusterID } = execution.spec;
  return releaseIfPossible(deps.claims, { resource, ...(clusterID ? { clusterID } : {}) }, holderOf(rr), context);
}

async function afterEnd(rr: RemediationRequest, execution: WorkflowExecution, deps: PhaseDeps, { signal }: ReconcileContext): Promise<Outcome<"Executing">> {
  const nowMs = deps.clock.now();
  const { name } = execution.metadata;
  if (execution.status?.phase === "Failed") {
    const detail = execution.status.failureDetails;
    if (detail?.reason === "DeadlineExceeded") return timedOut(rr, deps, "Executing", detail.message);
    const done = { type: "WorkflowExecutionComplete", status: "False", reason: "WorkflowFailed", message: detail?.message ?? `${name} failed` } as const;
    const base = withCondition(statusOf(rr), done, nowMs, rr.metadata.generation);
    return failed(rr, deps, { reason: "WorkflowFailed", message: detail?.naturalLanguageSummary ?? detail?.message ?? `${name} failed.` }, "WorkflowExecution", base);
  }
  const target = rr.status?.workflowSelection?.remediationTarget ?? rr.spec.targetResource;
  const draft = effectivenessAssessmentFor(rr, target, formatDuration(deps.settings.stabilizationWindowMs));
  const ensured = await deps.children.ensure(kinds.EffectivenessAssessment, draft, rr, { signal });
  if (ensured.kind === "occupied") return heldUp(occupiedRetryMs);
  const done = { type: "WorkflowExecutionComplete", status: "True", reason: "WorkflowSucceeded", message: `${name} completed` } as const;
  const verificationDeadline = seconds(nowMs + deps.settings.timeoutsMs.verifying);
  // One that the API server refuses is told of in Verifying, which ends without a verdict then: the workflow itself completed.
  const assessed = ensured.kind === "ours" ? { effectivenessAssessmentRef: reference(ensured.object) } : {};
  const progressed = withProgress(statusOf(rr), { ...assessed, verificationDeadline });
  return { kind: "move", to: "Verifying", status: withCondition(progressed, done, nowMs, rr.metadata.generation), reason: "Verifying", message: `${name} completed; its effect is being verified.` };
}
