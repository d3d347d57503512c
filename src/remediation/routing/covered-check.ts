import { kinds } from "../../api/kinds.ts";
import { controllerOf } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { lockKey } from "../../api/target.ts";
import { isTerminalExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";
import type { CallOptions, Reader } from "../../kube/ports.ts";
import type { ExecutionsOn } from "./busy-check.ts";
import type { BlockingCondition, Check, RoutingQuery } from "./ports.ts";

export interface CoveredCheckDeps {
  readonly reader: Reader;
  readonly executionsOn: ExecutionsOn;
}

/**
 * Ten alerts with one cure are cured once: a workflow that completed on the target after this signal was received covers
 * it. The executions are cached, which at worst runs an idempotent workflow again; the leader's verdict is read live, and so is
 * a cover that another replica has seen: an older view does not deny it, or the two would contradict each other for as long.
 */
export function createCoveredCheck(deps: CoveredCheckDeps): Check {
  return async (query, options) => {
    const targetKey = lockKey(query.target.clusterID, query.target.resource);
    const onTarget = deps.executionsOn(targetKey);
    const named = await unseenCover(deps.reader, query.rr, onTarget, options);
    const known = named && lockKey(named.spec.clusterID, named.spec.targetResource) === targetKey ? [...onTarget, named] : onTarget;
    for (const execution of coveringExecutions(query, known)) {
      const condition = await verdictOf(deps.reader, execution, options);
      if (condition) return condition;
    }
    return undefined;
  };
}

/** The cover that the status names, live, where the cache does not show its end. */
async function unseenCover(reader: Reader, rr: RemediationRequest, onTarget: readonly WorkflowExecution[], options: CallOptions): Promise<WorkflowExecution | undefined> {
  const name = rr.status?.routingStatus?.deduplicatedByWE;
  if (!name || onTarget.some((execution) => execution.metadata.name === name && isTerminalExecution(execution))) return undefined;
  return reader.get(kinds.WorkflowExecution, { namespace: rr.metadata.namespace ?? "", name }, options);
}

/** Completed executions of the same workflow by others since the signal was received, newest first. Pure. */
export function coveringExecutions(query: RoutingQuery, onTarget: readonly WorkflowExecution[]): readonly WorkflowExecution[] {
  const receivedMs = Date.parse(query.rr.spec.receivedTime);
  return onTarget
    .filter((execution) => execution.status?.phase === "Completed")
    .filter((execution) => execution.spec.workflowRef.workflowId === query.workflowId)
    .filter((execution) => controllerOf(execution)?.uid !== query.rr.metadata.uid)
    .filter((execution) => endedMs(execution) >= receivedMs)
    .toSorted((a, b) => endedMs(b) - endedMs(a));
}

function endedMs(execution: WorkflowExecution): number {
  return Date.parse(execution.status?.completionTime ?? "");
}

async function verdictOf(reader: Reader, execution: WorkflowExecution, options: CallOptions): Promise<BlockingCondition | undefined> {
  const owner = controllerOf(execution);
  if (!owner) return undefined;
  const leader = await reader.get(kinds.RemediationRequest, { namespace: execution.metadata.namespace ?? "", name: owner.name }, options);
  if (!leader || leader.metadata.uid !== owner.uid) return undefined;
  const by = { execution: execution.metadata.name, leader: owner.name };
  switch (curedBy(leader)) {
    case "yes":
      return { reason: "Cured", by, message: `Cured by ${by.execution} of ${by.leader}, which completed after this signal was received.` };
    case "not known yet":
      return { reason: "Covered", by, message: `Covered by ${by.execution} of ${by.leader}, which completed after this signal was received; waiting for its verification.` };
    case "no":
      return undefined;
  }
}

function curedBy(leader: RemediationRequest): "yes" | "no" | "not known yet" {
  switch (leader.status?.overallPhase) {
    case "Executing":
    case "Verifying":
      return "not known yet";
    case "Completed":
      return leader.status.completionStatus?.outcome === "Remediated" ? "yes" : "no";
    default:
      return "no";
  }
}
