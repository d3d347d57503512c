import { WORKFLOW_EXECUTION_FINALIZER } from "../../api/annotations.ts";
import { kinds } from "../../api/kinds.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { exactDelete, exactPatch } from "../../kube/compare-and-swap.ts";
import { retryMs, type ExecutionDeps } from "./execution-deps.ts";
import { isJobOf, jobNameOf } from "./job-for.ts";

/** Step 11 of the safety protocol: an execution that has ended needs no protection. */
export async function releaseEnded(deps: ExecutionDeps, execution: WorkflowExecution, context: ReconcileContext): Promise<Result> {
  if ((await removeUnused(deps, execution, context)) === "moved") return waitFor(retryMs);
  const { finalizers = [] } = execution.metadata;
  if (!finalizers.includes(WORKFLOW_EXECUTION_FINALIZER)) return done;
  const left = finalizers.filter((finalizer) => finalizer !== WORKFLOW_EXECUTION_FINALIZER);
  const patched = await exactPatch(deps.client, kinds.WorkflowExecution, execution, { metadata: { finalizers: left } }, { signal: context.signal });
  if (patched.kind === "stale") return waitFor(retryMs);
  deps.observe.execution(patched.object);
  return done;
}

/**
 * A Job that was never resumed is of no use any more: the one of a fenced execution, or one that a replica whose view was old
 * created once more under the same name. At the version that says so, because the cache may not know yet that it was resumed.
 */
async function removeUnused(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext): Promise<"moved" | void> {
  const job = deps.jobs.get({ namespace: execution.metadata.namespace ?? "", name: jobNameOf(execution) });
  if (!job?.spec.suspend || !isJobOf(job, execution) || job.metadata.deletionTimestamp) return;
  if ((await exactDelete(deps.client, kinds.Job, job, { signal, propagation: "Background" })) === "moved") return "moved";
}
