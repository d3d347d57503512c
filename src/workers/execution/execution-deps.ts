import { kinds } from "../../api/kinds.ts";
import type { Job } from "../../api/job.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../api/workflow-execution.ts";
import type { CacheReader } from "../../cache/ports.ts";
import type { ReconcileContext } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import { casStatus, type Swapped } from "../../kube/compare-and-swap.ts";
import type { Reader, Writer } from "../../kube/ports.ts";
import type { Claims } from "../../locking/ports.ts";

/** How soon to look again at what moved under our hands. */
export const retryMs = 20;

/** What the executor may use. */
export interface ExecutionDeps {
  readonly client: Reader & Writer;
  readonly executions: CacheReader<WorkflowExecution>;
  /** The cached executions on a target, by its `lockKey`: the same moment as `executions`. */
  readonly executionsOn: (targetKey: string) => readonly WorkflowExecution[];
  /** Tell the caches of the answers to our own writes, so that the next look does not act on the version before them. */
  readonly observe: { readonly execution: (written: WorkflowExecution) => void; readonly job: (written: Job) => void };
  readonly jobs: CacheReader<Job>;
  readonly requests: CacheReader<RemediationRequest>;
  readonly claims: Pick<Claims, "release">;
  readonly clock: Clock;
  /** The slow look at whatever waits, in case an event was lost. */
  readonly safetyPollMs: number;
}

/** Writes the status at the version that was judged; `stale` when that is not the latest. */
export async function write(deps: ExecutionDeps, execution: WorkflowExecution, status: WorkflowExecutionStatus, { signal }: ReconcileContext): Promise<Swapped<WorkflowExecution>> {
  const swapped = await casStatus(deps.client, kinds.WorkflowExecution, { ...execution, status }, { signal });
  if (swapped.kind === "written") deps.observe.execution(swapped.object);
  return swapped;
}
