import { kinds } from "../../api/kinds.ts";
import { finalConditionOf, type Job } from "../../api/job.ts";
import { controllerOf, type OwnerReference } from "../../api/object.ts";
import { isTerminalPhase } from "../../api/phase.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { epochMsOf } from "../../api/timestamp.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { exactPatch } from "../../kube/compare-and-swap.ts";
import { retryMs, type ExecutionDeps } from "./execution-deps.ts";
import type { Failure } from "./execution-status.ts";
import { finish } from "./finish-execution.ts";
import { isJobOf, jobNameOf } from "./job-for.ts";
import { stop } from "./stop-execution.ts";

/** Steps 8 to 10 of the safety protocol for a Running execution. */
export async function watchRunning(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  if (isRunByAnother(execution) && !execution.metadata.deletionTimestamp) {
    context.log.warn("execution that another executor runs, left alone", { execution: execution.metadata.name, runs: execution.status?.executionRef?.name });
    return waitFor(deps.safetyPollMs);
  }
  const known = cachedJob(deps, execution);
  // What has finished wins over whatever would stop it now.
  const end = known && finalConditionOf(known);
  if (end) return finish(deps, execution, known, end, context);
  const over = await reasonToStop(deps, execution, known?.spec.suspend !== false, context);
  if (over) return stop(deps, execution, over, context);
  const job = await jobOf(deps, execution, context);
  // Whoever deleted it may have left its pods behind: they are waited for as after a stop.
  if (!job) return stop(deps, execution, { reason: "Unknown", message: "The Job is gone before it was seen to finish.", acted: true }, context);
  return job.spec.suspend ? resume(deps, execution, job, context) : waitFor(untilDue(deps, execution));
}

/** Step 8: the Job that the Running execution names, by uid, is let go. */
export async function resume(deps: ExecutionDeps, execution: WorkflowExecution, job: Job, { signal }: ReconcileContext): Promise<Result> {
  if (job.metadata.uid !== execution.status?.executionRef?.uid) return waitFor(retryMs);
  if (!job.spec.suspend) return waitFor(untilDue(deps, execution));
  const resumed = await exactPatch(deps.client, kinds.Job, job, { spec: { suspend: false } }, { signal, precondition: "uid" });
  if (resumed.kind === "stale") return waitFor(retryMs);
  deps.observe.job(resumed.object);
  return waitFor(untilDue(deps, execution));
}

/** What another executor has begun, nobody here can stop or see the end of. Ours names its Job by the execution's uid. */
function isRunByAnother(execution: WorkflowExecution): boolean {
  return execution.status?.executionRef?.name !== jobNameOf(execution);
}

/** The Job that this execution names by uid: cached, or live where the cache does not know it. An unknown Job is never taken for it. */
async function jobOf(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext): Promise<Job | undefined> {
  const cached = cachedJob(deps, execution);
  if (cached) return cached;
  const live = await deps.client.get(kinds.Job, jobKeyOf(execution), { signal });
  return live && isNamed(execution, live) ? live : undefined;
}

function cachedJob({ jobs }: ExecutionDeps, execution: WorkflowExecution): Job | undefined {
  const job = jobs.get(jobKeyOf(execution));
  return job && isNamed(execution, job) ? job : undefined;
}

function jobKeyOf(execution: WorkflowExecution) {
  return { namespace: execution.metadata.namespace ?? "", name: execution.status?.executionRef?.name ?? jobNameOf(execution) };
}

function isNamed(execution: WorkflowExecution, job: Job): boolean {
  return job.metadata.uid === execution.status?.executionRef?.uid && isJobOf(job, execution);
}

/** Step 10: why a Running execution has to be stopped; undefined while it may go on. */
async function reasonToStop(deps: ExecutionDeps, execution: WorkflowExecution, toBeResumed: boolean, context: ReconcileContext): Promise<Failure | undefined> {
  const stopped = (message: string): Failure => ({ reason: "Unknown", message, acted: true });
  if (execution.metadata.deletionTimestamp) return stopped("Stopped: it was deleted.");
  if (untilDue(deps, execution) <= 0) return { reason: "DeadlineExceeded", message: "Stopped: it took longer than its limit.", acted: true };
  const ref = controllerOf(execution);
  if (!ref) return undefined;
  const owner = await ownerOf(deps, execution, ref, toBeResumed, context);
  if (!owner || owner.metadata.uid !== ref.uid) return stopped("Stopped: its RemediationRequest is gone.");
  return isTerminalPhase(owner.status?.overallPhase) ? stopped(`Stopped: its RemediationRequest is ${owner.status?.overallPhase}.`) : undefined;
}

/** Read live where a Job may be let go by it, and where the cache does not know it. What runs already goes on by the cache: the owner's end wakes this look. */
async function ownerOf(deps: ExecutionDeps, execution: WorkflowExecution, ref: OwnerReference, toBeResumed: boolean, { signal }: ReconcileContext): Promise<RemediationRequest | undefined> {
  const key = { namespace: execution.metadata.namespace ?? "", name: ref.name };
  const cached = deps.requests.get(key);
  return !toBeResumed && cached?.metadata.uid === ref.uid ? cached : deps.client.get(kinds.RemediationRequest, key, { signal });
}

/** Milliseconds until the execution is due, at most the slow look's; zero or less when it is overdue. */
function untilDue({ clock, safetyPollMs }: ExecutionDeps, execution: WorkflowExecution): number {
  const dueMs = epochMsOf(execution.spec.timesOutAt);
  return dueMs === undefined ? safetyPollMs : Math.min(safetyPollMs, dueMs - clock.now());
}
