import { workflowExecutionName } from "../../api/child-names.ts";
import { kinds } from "../../api/kinds.ts";
import { controllerOf } from "../../api/object.ts";
import { lockKey } from "../../api/target.ts";
import type { Job } from "../../api/job.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { isKubeError } from "../../kube/kube-error.ts";
import { standingOf } from "./contenders.ts";
import { retryMs, write, type ExecutionDeps } from "./execution-deps.ts";
import { failedStatus, fencedStatus, runningStatus } from "./execution-status.ts";
import { admissionOf } from "./gate.ts";
import { isJobOf, jobFor, jobNameOf } from "./job-for.ts";
import { resume } from "./running-execution.ts";

/**
 * Steps 5 to 7 of the safety protocol for an execution as the informer delivered it: every write is at that version, and
 * the view of the other executions is from the same moment, so it is not older than this one's creation.
 */
export async function startPending(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  const all = deps.executionsOn(lockKey(execution.spec.clusterID, execution.spec.targetResource));
  if (execution.metadata.deletionTimestamp) return cancelPending(deps, execution, context);
  const admission = await admit(deps, execution, context);
  switch (admission.kind) {
    case "wait":
      return waitFor(deps.safetyPollMs);
    case "refuse":
      return fence(deps, execution, undefined, `Fenced before it ran: ${admission.because}.`, context);
    case "open":
      break;
    default:
      return assertNever(admission);
  }
  const engine = execution.spec.workflowRef.executionEngine ?? "job";
  if (engine !== "job") return refuseEngine(deps, execution, engine, context);
  return contend(deps, execution, all, context);
}

/** Step 5: the owner is read live. */
async function admit(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext) {
  const owner = controllerOf(execution);
  const key = { namespace: execution.metadata.namespace ?? "", name: owner?.name ?? "" };
  return admissionOf(execution, owner && (await deps.client.get(kinds.RemediationRequest, key, { signal })));
}

/** Step 6. */
async function contend(deps: ExecutionDeps, execution: WorkflowExecution, all: readonly WorkflowExecution[], context: ReconcileContext): Promise<Result> {
  const standing = standingOf(execution, all);
  switch (standing.kind) {
    case "yield":
      return fence(deps, execution, standing.to.metadata.name, `Fenced before it ran: ${standing.to.metadata.name} runs on the target.`, context);
    case "wait":
      return waitFor(deps.safetyPollMs);
    case "clear":
      for (const younger of standing.fence) {
        const message = `Fenced before it ran: ${execution.metadata.name} was created earlier.`;
        const status = fencedStatus(younger, execution.metadata.name, message, deps.clock.now());
        if ((await write(deps, younger, status, context)).kind === "stale") return waitFor(retryMs);
      }
      return run(deps, execution, context);
    default:
      return assertNever(standing);
  }
}

/** Step 7: the Job is born suspended; the execution becomes Running by one compare-and-swap that names it. */
async function run(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  const job = await ensureJob(deps, execution, context);
  if (!job) return waitFor(retryMs);
  const status = runningStatus(execution, { name: job.metadata.name, uid: job.metadata.uid }, deps.clock.now());
  const written = await write(deps, execution, status, context);
  return written.kind === "stale" ? waitFor(retryMs) : resume(deps, written.object, job, context);
}

/** The Job of this execution; undefined while an object of somebody else has its name. */
async function ensureJob(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext): Promise<Job | undefined> {
  try {
    return await deps.client.create(kinds.Job, jobFor(execution, deps.clock.now()), { signal });
  } catch (error) {
    if (!isKubeError(error, "AlreadyExists")) throw error;
  }
  const job = await deps.client.get(kinds.Job, { namespace: execution.metadata.namespace ?? "", name: jobNameOf(execution) }, { signal });
  return job && isJobOf(job, execution) && !job.metadata.deletionTimestamp ? job : undefined;
}

async function fence(deps: ExecutionDeps, execution: WorkflowExecution, winner: string | undefined, message: string, context: ReconcileContext): Promise<Result> {
  const written = await write(deps, execution, fencedStatus(execution, winner, message, deps.clock.now()), context);
  if (written.kind === "written") context.log.warn("execution fenced", { execution: execution.metadata.name, winner, detail: message });
  return written.kind === "stale" ? waitFor(retryMs) : done;
}

async function cancelPending(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  return fence(deps, execution, undefined, "Deleted before it ran.", context);
}

async function refuseEngine(deps: ExecutionDeps, execution: WorkflowExecution, engine: string, context: ReconcileContext): Promise<Result> {
  const failure = { reason: "UnsupportedEngine", message: `Engine ${engine} is not supported here; the execution worker runs the engine job.`, acted: false } as const;
  const written = await write(deps, execution, failedStatus(execution, failure, deps.clock.now()), context);
  return written.kind === "stale" ? waitFor(retryMs) : done;
}

/** The key under which the execution of a RemediationRequest is found. */
export function executionKeyOf(request: { readonly metadata: { readonly namespace?: string; readonly name: string } }): string {
  return `${request.metadata.namespace ?? ""}/${workflowExecutionName(request.metadata.name)}`;
}
