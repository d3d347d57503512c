import type { KindInfo } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";

/**
 * Whether the next one in line for a target waits for such a request: what is done to a Lease, the birth of an execution
 * under one, and the status of a RemediationRequest, by which others go on. `verb` as RBAC calls it.
 */
export function isUrgent(verb: string, { kind }: KindInfo): boolean {
  switch (kind) {
    case kinds.Lease.kind:
      return verb !== "list";
    case kinds.WorkflowExecution.kind:
      return verb === "create";
    case kinds.RemediationRequest.kind:
      return verb === "update";
    default:
      return false;
  }
}
