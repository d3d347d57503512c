import { controllerOf } from "../../api/object.ts";
import { isTerminalExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import { lockKey } from "../../api/target.ts";
import type { Check } from "./ports.ts";

/** The cached WorkflowExecutions on a target, by its `lockKey`. */
export type ExecutionsOn = (targetKey: string) => readonly WorkflowExecution[];

/**
 * Blocks on a WorkflowExecution that somebody created without a claim. The cached view is enough: whoever creates through
 * the claim is kept apart by it, and whoever does not is kept apart by the executor's own compare-and-swap.
 */
export function createBusyCheck(executionsOn: ExecutionsOn): Check {
  return async ({ rr, target }) => {
    const onTarget = executionsOn(lockKey(target.clusterID, target.resource));
    const other = onTarget.find((execution) => !isTerminalExecution(execution) && controllerOf(execution)?.uid !== rr.metadata.uid);
    if (!other) return undefined;
    const blocker = other.metadata.name;
    return { reason: "ResourceBusy", blocker, message: `Another workflow (${blocker}) is running on ${target.resource}. Waiting for its end.` };
  };
}
