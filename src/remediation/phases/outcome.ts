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

/**
 * What a look at a RemediationRequest came to. `wait`: nothing to write; something watched will bring it back, and at the
 * latest `afterMs` will. `again`: the snapshot is behind what was just seen; read it anew.
 */
export type Outcome<From extends PhaseOrNew> = Move<From> | Amend | { readonly kind: "wait"; readonly afterMs: number } | { readonly kind: "again" };

/** Nothing to write now; look again in `afterMs` at the latest. */
export function wait(afterMs: number): { readonly kind: "wait"; readonly afterMs: number } {
  return { kind: "wait", afterMs };
}

/** The snapshot that was judged is behind: read it anew. */
export const again = { kind: "again" } as const;
