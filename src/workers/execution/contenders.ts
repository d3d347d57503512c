import { controllerOf } from "../../api/object.ts";
import { isTerminalExecution, phaseOfExecution, type WorkflowExecution } from "../../api/workflow-execution.ts";

/** What stands between an execution and its target. `fence`: younger ones that have to be put aside first, possibly none. */
export type Standing =
  | { readonly kind: "clear"; readonly fence: readonly WorkflowExecution[] }
  | { readonly kind: "yield"; readonly to: WorkflowExecution }
  | { readonly kind: "wait"; readonly for: WorkflowExecution };

/**
 * Step 6 of the safety protocol: `all` are the executions of the target in a view that is not older than the creation of
 * `execution`. One that runs wins; an older one that waits goes first; younger ones are to be fenced. Pure.
 */
export function standingOf(execution: WorkflowExecution, all: readonly WorkflowExecution[]): Standing {
  const others = all.filter((other) => other.metadata.uid !== execution.metadata.uid && !isTerminalExecution(other));
  const running = others.find(countsAsRunning);
  if (running) return { kind: "yield", to: running };
  const older = others.find((other) => isOlder(other, execution));
  if (older) return { kind: "wait", for: older };
  return { kind: "clear", fence: others };
}

/** Executions without an owner, or in a phase that we do not know, are somebody else's and may well run. */
function countsAsRunning(execution: WorkflowExecution): boolean {
  return phaseOfExecution(execution) !== "Pending" || controllerOf(execution) === undefined;
}

/** The order only chooses who moves; it is the same for everybody, and no clock of ours is part of it. */
function isOlder(a: WorkflowExecution, b: WorkflowExecution): boolean {
  const [createdA, createdB] = [a.metadata.creationTimestamp, b.metadata.creationTimestamp];
  return createdA === createdB ? a.metadata.uid < b.metadata.uid : createdA < createdB;
}
