import { controllerOf, keyOf } from "../../api/object.ts";
import type { Job } from "../../api/job.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { lockKey } from "../../api/target.ts";
import { phaseOfExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import type { Informer } from "../../cache/ports.ts";
import { executionKeyOf } from "./pending-execution.ts";
import type { ExecutionDeps } from "./execution-deps.ts";

export interface ExecutionInformers {
  readonly executions: Informer<WorkflowExecution>;
  readonly jobs: Informer<Job>;
  readonly remediationRequests: Informer<RemediationRequest>;
}

/**
 * Keys of executions to look at: its own on its events, its Job's and its owner's, and those that wait on the same target
 * whenever one of them moves. Returns the way to stop.
 */
export function subscribeExecutionTriggers(informers: ExecutionInformers, executionsOn: ExecutionDeps["executionsOn"], enqueue: (key: string) => void): () => void {
  const stops = [
    informers.executions.subscribe(({ object }) => {
      enqueue(keyOf(object));
      for (const other of executionsOn(lockKey(object.spec.clusterID, object.spec.targetResource))) {
        if (other.metadata.uid !== object.metadata.uid && phaseOfExecution(other) === "Pending") enqueue(keyOf(other));
      }
    }),
    informers.jobs.subscribe(({ object }) => {
      const owner = controllerOf(object);
      if (owner?.kind === "WorkflowExecution") enqueue(`${object.metadata.namespace ?? ""}/${owner.name}`);
    }),
    informers.remediationRequests.subscribe(({ object }) => enqueue(executionKeyOf(object))),
  ];
  return () => stops.forEach((stop) => stop());
}
