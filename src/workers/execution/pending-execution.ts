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
import { failedStatus, fencedStatus, runningStatus, type Failure } from "./execution-status.ts";
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
  const unable = whyUnable(execution);
  return unable ? giveUp(deps, execution, unable, context) : contend(deps, execution, all, context);
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
  const ensured = await ensureJob(deps, execution, context);
  if (ensured.kind === "refused") return giveUp(deps, execution, { reason: "ConfigurationError", message: `The API server takes no Job of this workflow: ${ensured.message}` }, context);
  if (ensured.kind === "occupied") return waitFor(retryMs);
  const { job } = ensured;
  const status = runningStatus(execution, { name: job.metadata.name, uid: job.metadata.uid }, deps.clock.now());
  const written = await write(deps, execution, status, context);
  return written.kind === "stale" ? waitFor(retryMs) : resume(deps, written.object, job, context);
}

/** `occupied`: an object of somebody else has the Job's name. `refused`: the API server takes no such Job, however often it is sent. */
type EnsuredJob = { readonly kind: "ours"; readonly job: Job } | { readonly kind: "occupied" } | { readonly kind: "refused"; readonly message: string };

async function ensureJob(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext): Promise<EnsuredJob> {
  try {
    return { kind: "ours", job: await deps.client.create(kinds.Job, jobFor(execution, deps.clock.now()), { signal }) };
  } catch (error) {
    if (isKubeError(error, "Invalid", "BadRequest")) return { kind: "refused", message: error.message };
    if (!isKubeError(error, "AlreadyExists")) throw error;
  }
  const job = await deps.client.get(kinds.Job, { namespace: execution.metadata.namespace ?? "", name: jobNameOf(execution) }, { signal });
  return job && isJobOf(job, execution) && !job.metadata.deletionTimestamp ? { kind: "ours", job } : { kind: "occupied" };
}

async function fence(deps: ExecutionDeps, execution: WorkflowExecution, winner: string | undefined, message: string, context: ReconcileContext): Promise<Result> {
  const written = await write(deps, execution, fencedStatus(execution, winner, message, deps.clock.now()), context);
  if (written.kind === "written") context.log.warn("execution fenced", { execution: execution.metadata.name, winner, detail: message });
  return written.kind === "stale" ? waitFor(retryMs) : done;
}

async function cancelPending(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  return fence(deps, execution, undefined, "Deleted before it ran.", context);
}

/** Why this executor can not run it at all, whatever becomes of the target. */
function whyUnable({ spec }: WorkflowExecution): Refusal | undefined {
  const engine = spec.workflowRef.executionEngine ?? "job";
  if (engine !== "job") return { reason: "UnsupportedEngine", message: `Engine ${engine} is not supported here; the execution worker runs the engine job.` };
  // Its Job would run here, on whatever has the same name.
  return spec.clusterID ? { reason: "ConfigurationError", message: `The target is in cluster ${spec.clusterID}, which the execution worker here does not reach.` } : undefined;
}

type Refusal = Pick<Failure, "reason" | "message">;

async function giveUp(deps: ExecutionDeps, execution: WorkflowExecution, refusal: Refusal, context: ReconcileContext): Promise<Result> {
  const written = await write(deps, execution, failedStatus(execution, { ...refusal, acted: false }, deps.clock.now()), context);
  if (written.kind === "stale") return waitFor(retryMs);
  context.log.warn("execution refused", { execution: execution.metadata.name, reason: refusal.reason, detail: refusal.message });
  return done;
}

/** The key under which the execution of a RemediationRequest is found. */
export function executionKeyOf(request: { readonly metadata: { readonly namespace?: string; readonly name: string } }): string {
  return `${request.metadata.namespace ?? ""}/${workflowExecutionName(request.metadata.name)}`;
}
