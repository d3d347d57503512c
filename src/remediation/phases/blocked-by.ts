import type { RemediationRequest, RemediationRequestStatus } from "../../api/remediation-request.ts";
import { assertNever } from "../../lib/assert-never.ts";
import type { BlockingCondition } from "../routing/ports.ts";
import { statusOf } from "../status.ts";
import type { PhaseDeps } from "./deps.ts";
import { completed } from "./ended.ts";

/** What becomes of a remediation that a routing rule blocks: Blocked with the reason and what it waits for, or Completed where it was cured already. */
export function blockedBy(rr: RemediationRequest, condition: BlockingCondition, deps: Pick<PhaseDeps, "clock" | "settings">, base: RemediationRequestStatus = statusOf(rr)) {
  switch (condition.reason) {
    case "Cured":
      return completed(rr, deps, "Remediated", { reason: "Covered", message: condition.message }, { ...base, routingStatus: coveredBy(condition.by.execution, condition.by.leader) });
    case "Covered":
      return blocked({ ...coveredBy(condition.by.execution, condition.by.leader), blockReason: "DuplicateInProgress", blockMessage: condition.message }, condition.message, "Covered", base);
    case "ResourceBusy":
      return blocked({ blockReason: "ResourceBusy", blockMessage: condition.message, ...(condition.blocker ? { blockingWorkflowExecution: condition.blocker } : {}) }, condition.message, "ResourceBusy", base);
    default:
      return assertNever(condition);
  }
}

function blocked(routingStatus: RemediationRequestStatus["routingStatus"], message: string, reason: string, base: RemediationRequestStatus) {
  return { kind: "move", to: "Blocked", status: { ...base, ...(routingStatus ? { routingStatus } : {}) }, reason, message } as const;
}

function coveredBy(deduplicatedByWE: string, duplicateOf: string) {
  return { deduplicatedByWE, duplicateOf };
}
