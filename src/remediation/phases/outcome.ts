import type { RemediationRequestStatus } from "../../api/remediation-request.ts";
import type { Next, PhaseOrNew } from "./transitions.ts";

/** What people are told of a step: a CamelCase reason and a sentence. */
export interface Telling {
  readonly reason: string;
  readonly message: string;
}

/** A move to another phase; `status` is the whole status to be written except for the phase itself. */
export interface Move<From extends PhaseOrNew> extends Telling {
  readonly kind: "move";
  readonly to: Next<From>;
  readonly status: RemediationRequestStatus;
}

/** A change of the status within the phase. */
export interface Amend extends Telling {
  readonly kind: "amend";
  readonly status: RemediationRequestStatus;
}

/** Nothing to write: something watched will bring it back, and at the latest `afterMs` will. */
export interface Wait {
  readonly kind: "wait";
  readonly afterMs: number;
  /** Somebody else is in the way, which is no fault of this remediation: the limit of its phase does not count. */
  readonly heldUp: boolean;
}

/** What a look at a RemediationRequest came to. */
export type Outcome<From extends PhaseOrNew> = Move<From> | Amend | Wait;

/** Nothing to write now; look again in `afterMs` at the latest. */
export function wait(afterMs: number): Wait {
  return { kind: "wait", afterMs, heldUp: false };
}

/** The same while somebody else is in the way. */
export function heldUp(afterMs: number): Wait {
  return { kind: "wait", afterMs, heldUp: true };
}
