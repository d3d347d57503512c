import { parseKey } from "../../api/object.ts";
import { phaseOfExecution } from "../../api/workflow-execution.ts";
import { done, waitFor, type Reconciler, type Result } from "../../controller/ports.ts";
import type { Logger } from "../../lib/log.ts";
import { releaseEnded } from "./ended-execution.ts";
import type { ExecutionDeps } from "./execution-deps.ts";
import { startPending } from "./pending-execution.ts";
import { watchRunning } from "./running-execution.ts";

/** The executor half of the safety protocol, for the execution as the informer holds it: a version that is behind makes its writes fail, never land. */
export function createExecutionReconciler(deps: ExecutionDeps): Reconciler {
  return async (key, context) => {
    const execution = deps.executions.get(parseKey(key));
    if (!execution) return done;
    const phase = phaseOfExecution(execution);
    switch (phase) {
      case "Pending":
        return startPending(deps, execution, context);
      case "Running":
        return watchRunning(deps, execution, context);
      case "Completed":
      case "Failed":
        return releaseEnded(deps, execution, context);
      default:
        return unknownPhase(phase, deps, context.log);
    }
  };
}

function unknownPhase(phase: never, deps: ExecutionDeps, log: Logger): Result {
  log.warn("execution in a phase that is not known, left alone", { phase });
  return waitFor(deps.safetyPollMs);
}
