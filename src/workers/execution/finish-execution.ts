import type { Job, JobCondition } from "../../api/job.ts";
import { controllerOf } from "../../api/object.ts";
import { epochMsOf } from "../../api/timestamp.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { releaseIfPossible } from "../../locking/release-if-possible.ts";
import { retryMs, write, type ExecutionDeps } from "./execution-deps.ts";
import { completedStatus, failedStatus } from "./execution-status.ts";
import { failureOf } from "./failure-of.ts";

/** Step 9 of the safety protocol: the Job has finished, and so has its execution. */
export async function finish(deps: ExecutionDeps, execution: WorkflowExecution, job: Job, end: JobCondition, context: ReconcileContext): Promise<Result> {
  const failure = end.type === "Complete" ? undefined : await failureOf(deps.client, job, end, context);
  const endMs = momentOf(end, deps.clock.now());
  const status = failure ? failedStatus(execution, failure, endMs) : completedStatus(execution, endMs);
  const written = await write(deps, execution, status, context);
  if (written.kind === "stale") return waitFor(retryMs);
  context.log.info("execution ended", { execution: execution.metadata.name, phase: status.phase, detail: failure?.message });
  await releaseTarget(deps, execution, context);
  return done;
}

/**
 * When a Job ended. The cluster says it to the second; our clock, which knows more digits, is believed within that second only: whether
 * a later signal is covered is judged by it, and a clock that is ahead would say so of what had ended before.
 */
function momentOf({ lastTransitionTime }: JobCondition, nowMs: number): number {
  const secondMs = epochMsOf(lastTransitionTime);
  return secondMs === undefined ? nowMs : Math.min(Math.max(nowMs, secondMs), secondMs + 999);
}

/**
 * Gives the target's claim back at once, so that whoever waits for it does not wait for the remediation to take notice as well.
 * What fails here the remediation does again, and after it the reaper.
 */
async function releaseTarget({ claims }: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<void> {
  const owner = controllerOf(execution);
  if (!owner) return;
  const { targetResource: resource, clusterID } = execution.spec;
  const holder = { namespace: execution.metadata.namespace ?? "", name: owner.name, uid: owner.uid };
  await releaseIfPossible(claims, { resource, ...(clusterID ? { clusterID } : {}) }, holder, context);
}
