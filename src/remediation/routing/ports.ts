import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { CallOptions } from "../../kube/ports.ts";
import type { Claim, LockTarget } from "../../locking/ports.ts";

/** Who wants to run what on which target. */
export interface RoutingQuery {
  readonly rr: RemediationRequest;
  readonly target: LockTarget;
  readonly workflowId: string;
}

/** Why a remediation may not go on. */
export type BlockingCondition =
  /** Another WorkflowExecution that is not terminal is on the target, or its Lease is about something else. */
  | { readonly reason: "ResourceBusy"; readonly blocker: string; readonly message: string }
  /** The same workflow has completed on the target since the signal was received; whether it cured is being verified. */
  | { readonly reason: "Covered"; readonly by: Cover; readonly message: string }
  /** The same, and it did cure: nothing is left to do. */
  | { readonly reason: "Cured"; readonly by: Cover; readonly message: string };

/** The execution that covers a remediation, and the RemediationRequest that it belongs to. */
export interface Cover {
  readonly execution: string;
  readonly leader: string;
}

/** `clear` carries the claim, which the caller has to dispose; there is no other way to one. */
export type RoutingAnswer =
  | { readonly kind: "clear"; readonly claim: Claim }
  | { readonly kind: "blocked"; readonly condition: BlockingCondition }
  | { readonly kind: "contended"; readonly by: string; readonly retryAfterMs: number };

/** One rule. Undefined: this rule lets it pass. */
export type Check = (query: RoutingQuery, options: CallOptions) => Promise<BlockingCondition | undefined>;

/** Takes the target's lock and asks every rule inside it, in order; the first that blocks wins and gives the lock back. */
export interface RoutingEngine {
  checkBlockingConditions(query: RoutingQuery, options: CallOptions): Promise<RoutingAnswer>;
}
