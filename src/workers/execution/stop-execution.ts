import { finalConditionOf } from "../../api/job.ts";
import { kinds } from "../../api/kinds.ts";
import { hasEnded } from "../../api/pod.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../../controller/ports.ts";
import { exactDelete } from "../../kube/compare-and-swap.ts";
import { retryMs, write, type ExecutionDeps } from "./execution-deps.ts";
import { failedStatus, type Failure } from "./execution-status.ts";
import { finish } from "./finish-execution.ts";
import { jobNameOf } from "./job-for.ts";

/** How soon to look again whether a stopped Job's pods are gone; the Job's deletion is also watched. */
const GONE_POLL_MS = 500;

/** Step 10 of the safety protocol: unless it has finished meanwhile, the Job is deleted by uid, seen gone together with its pods, as far as these have not ended, and only then the execution ends. */
export async function stop(deps: ExecutionDeps, execution: WorkflowExecution, failure: Failure, context: ReconcileContext): Promise<Result> {
  const { signal, log } = context;
  const namespace = execution.metadata.namespace ?? "";
  const uid = execution.status?.executionRef?.uid;
  const job = await deps.client.get(kinds.Job, { namespace, name: execution.status?.executionRef?.name ?? jobNameOf(execution) }, { signal });
  if (job && job.metadata.uid === uid) {
    if (!job.metadata.deletionTimestamp) {
      // It finished before it could be stopped: what it came to counts.
      const end = finalConditionOf(job);
      if (end) return finish(deps, execution, job, end, context);
      log.info("stopping the job of an execution", { execution: execution.metadata.name, because: failure.message });
      await exactDelete(deps.client, kinds.Job, job, { signal, precondition: "uid", propagation: "Foreground" });
    }
    return waitFor(GONE_POLL_MS);
  }
  const pods = await deps.client.list(kinds.Pod, { namespace, labelSelector: `batch.kubernetes.io/controller-uid=${uid ?? ""}` }, { signal });
  // One that has ended may be kept for ever by whoever wants its logs.
  if (pods.items.some((pod) => !hasEnded(pod))) return waitFor(GONE_POLL_MS);
  const written = await write(deps, execution, failedStatus(execution, failure, deps.clock.now()), context);
  return written.kind === "stale" ? waitFor(retryMs) : done;
}
