import { kinds } from "../../api/kinds.ts";
import type { Job, JobCondition } from "../../api/job.ts";
import type { Pod } from "../../api/pod.ts";
import type { WorkflowFailureReason } from "../../api/workflow-execution.ts";
import type { ReconcileContext } from "../../controller/ports.ts";
import type { Reader } from "../../kube/ports.ts";
import type { Failure } from "./execution-status.ts";

/** Why a Job failed, as far as its condition and its pods tell. The list is off the launch path. */
export async function failureOf(reader: Reader, job: Job, end: JobCondition, { signal }: ReconcileContext): Promise<Failure> {
  const { items } = await reader.list(kinds.Pod, { namespace: job.metadata.namespace ?? "", labelSelector: `batch.kubernetes.io/controller-uid=${job.metadata.uid}` }, { signal });
  return failureFrom(end, items);
}

/** The same as a function of what was seen. Pure. */
export function failureFrom(end: JobCondition, pods: readonly Pod[]): Failure {
  if (end.reason === "DeadlineExceeded") return { reason: "DeadlineExceeded", message: end.message ?? "The Job took longer than its limit.", acted: true };
  for (const pod of pods) {
    const terminated = pod.status?.containerStatuses?.map(({ state }) => state?.terminated).find((state) => state !== undefined && state.exitCode !== 0);
    if (!terminated) continue;
    const reason: WorkflowFailureReason = terminated.reason === "OOMKilled" ? "OOMKilled" : "TaskFailed";
    const message = terminated.message ?? `The container ended with exit code ${terminated.exitCode}${terminated.reason ? ` (${terminated.reason})` : ""}.`;
    return { reason, message, acted: true, exitCode: terminated.exitCode };
  }
  return { reason: "TaskFailed", message: end.message ?? "The Job failed.", acted: true };
}
