import { WORKFLOW_EXECUTION_FINALIZER } from "../../api/annotations.ts";
import { kinds } from "../../api/kinds.ts";
import { isFenced, type WorkflowExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { exactDelete } from "../../kube/compare-and-swap.ts";
import { isNotThatObject } from "../../kube/kube-error.ts";
import { retryMs, type ExecutionDeps } from "./execution-deps.ts";
import { isJobOf, jobNameOf } from "./job-for.ts";

/** Step 11 of the safety protocol: an execution that has ended needs no protection. The suspended Job that a fenced one may have left goes too. */
export async function releaseEnded(deps: ExecutionDeps, execution: WorkflowExecution, { signal }: ReconcileContext): Promise<Result> {
  const key = { namespace: execution.metadata.namespace ?? "", name: execution.metadata.name };
  if (isFenced(execution)) {
    const job = deps.jobs.get({ ...key, name: jobNameOf(execution) });
    if (job && isJobOf(job, execution) && !job.metadata.deletionTimestamp) await exactDelete(deps.client, kinds.Job, job, { signal, precondition: "uid", propagation: "Background" });
  }
  const { finalizers = [], uid, resourceVersion } = execution.metadata;
  if (!finalizers.includes(WORKFLOW_EXECUTION_FINALIZER)) return done;
  const left = finalizers.filter((finalizer) => finalizer !== WORKFLOW_EXECUTION_FINALIZER);
  try {
    await deps.client.patch(kinds.WorkflowExecution, key, { metadata: { uid, resourceVersion, finalizers: left } }, { signal });
  } catch (error) {
    if (!isNotThatObject(error, "patch")) throw error;
    return waitFor(retryMs);
  }
  return done;
}
