import { kinds } from "../api/kinds.ts";
import { parseKey } from "../api/object.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { CacheReader } from "../cache/ports.ts";
import { done, waitFor, type ReconcileContext, type Reconciler, type Result } from "../controller/ports.ts";
import { assertNever } from "../lib/assert-never.ts";
import { isKubeError } from "../kube/kube-error.ts";
import type { CallOptions, Reader } from "../kube/ports.ts";
import type { Applied, Step } from "./apply-transition.ts";
import { hindered } from "./phases/hindered.ts";
import type { AnyOutcome, Phases } from "./phases/phases.ts";
import { isTerminal } from "./phases/transitions.ts";
import type { Rights } from "./rights.ts";
import type { TimeoutGuard } from "./timeout-guard.ts";

export interface ReconcilerDeps {
  readonly reader: Reader;
  readonly cached: CacheReader<RemediationRequest>;
  readonly phases: Phases;
  readonly timeouts: TimeoutGuard;
  readonly rights: Rights;
  readonly apply: (rr: RemediationRequest, step: Step, options: CallOptions) => Promise<Applied>;
  readonly afterEnd: (rr: RemediationRequest, context: ReconcileContext) => Promise<Result>;
}

/** More steps than this in one look would be a circle: the rest waits for the next look. */
const MAX_STEPS = 8;
/** How soon to read anew what turned out to be old. */
const STALE_RETRY_MS = 20;

/**
 * Looks at one RemediationRequest, live, and walks it as far as it will go: each step is judged on the version that the
 * step before it wrote, and written at exactly that version.
 */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  return async (key, context) => {
    // What has ended stays so: of thousands that are only kept, none has to be read.
    const known = deps.cached.get(parseKey(key));
    const isOver = known && !known.metadata.deletionTimestamp && isTerminal(known.status?.overallPhase ?? "");
    let rr = isOver ? known : await deps.reader.get(kinds.RemediationRequest, parseKey(key), { signal: context.signal });
    for (let step = 0; rr && step < MAX_STEPS; step++) {
      if (rr.metadata.deletionTimestamp) return done;
      if (isTerminal(rr.status?.overallPhase ?? "")) return deps.afterEnd(rr, context);
      const outcome = await judge(deps, rr, context);
      const limited = deps.timeouts(rr, outcome);
      switch (limited.kind) {
        case "wait":
          return waitFor(limited.afterMs);
        case "again":
          return waitFor(STALE_RETRY_MS);
        case "move":
        case "amend": {
          const applied = await deps.apply(rr, limited, { signal: context.signal });
          if (applied.kind === "stale") return waitFor(STALE_RETRY_MS);
          rr = applied.rr;
          break;
        }
        default:
          return assertNever(limited);
      }
    }
    return rr ? waitFor(STALE_RETRY_MS) : done;
  };
}

/** What its phase says; where a right is missing for that, that it is. */
async function judge({ phases, rights }: ReconcilerDeps, rr: RemediationRequest, context: ReconcileContext): Promise<AnyOutcome> {
  try {
    return await phases.handle(rr, context);
  } catch (error) {
    const missing = isKubeError(error, "Forbidden") ? await rights.confirm() : undefined;
    if (!missing) throw error;
    return hindered(rr, missing);
  }
}
