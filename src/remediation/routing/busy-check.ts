import { kinds } from "../../api/kinds.ts";
import { controllerOf } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { isTerminalExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import { lockKey } from "../../api/target.ts";
import type { Reader } from "../../kube/ports.ts";
import type { Check } from "./ports.ts";

/** The cached WorkflowExecutions on a target, by its `lockKey`. */
export type ExecutionsOn = (targetKey: string) => readonly WorkflowExecution[];

/**
 * Blocks on a WorkflowExecution that somebody created without a claim. To miss one in the cached view is harmless: whoever
 * creates through the claim is kept apart by it, and whoever does not by the executor's own compare-and-swap. One that is
 * found there is asked for live, because it may have ended since.
 */
export function createBusyCheck(reader: Pick<Reader, "get">, executionsOn: ExecutionsOn): Check {
  return async ({ rr, target }, options) => {
    for (const { metadata } of executionsOn(lockKey(target.clusterID, target.resource)).filter((execution) => isInTheWay(execution, rr))) {
      const { name: blocker, namespace = "" } = metadata;
      const live = await reader.get(kinds.WorkflowExecution, { namespace, name: blocker }, options);
      if (live && isInTheWay(live, rr)) return { reason: "ResourceBusy", blocker, message: `Another workflow (${blocker}) is running on ${target.resource}. Waiting for its end.` };
    }
    return undefined;
  };
}

function isInTheWay(execution: WorkflowExecution, rr: RemediationRequest): boolean {
  return !isTerminalExecution(execution) && controllerOf(execution)?.uid !== rr.metadata.uid;
}
