import { kinds } from "../api/kinds.ts";
import { parseKey } from "../api/object.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { CacheReader } from "../cache/ports.ts";
import { done, waitFor, type ReconcileContext, type Reconciler, type Result } from "../controller/ports.ts";
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
 * Looks at one RemediationRequest, live unless it is at rest, and walks it as far as it will go: each step is judged on the version that the
 * step before it wrote, and written at exactly that version.
 */
export function createReconciler(deps: ReconcilerDeps): Reconciler {
  return async (key, context) => {
    const read = (): Promise<RemediationRequest | undefined> => deps.reader.get(kinds.RemediationRequest, parseKey(key), { signal: context.signal });
    const cached = atRest(deps.cached.get(parseKey(key)));
    let rr = cached ?? (await read());
    for (let step = 0; rr && step < MAX_STEPS; step++) {
      if (rr.metadata.deletionTimestamp) return done;
      if (isTerminal(rr.status?.overallPhase ?? "")) return deps.afterEnd(rr, context);
      const outcome = deps.timeouts(rr, await judge(deps, rr, context));
      if (outcome.kind === "wait") return waitFor(outcome.afterMs);
      const applied = await deps.apply(rr, outcome, { signal: context.signal });
      if (applied.kind === "stale" && rr !== cached) return waitFor(STALE_RETRY_MS);
      // The cache may stay behind for long: it is not asked twice.
      rr = applied.kind === "applied" ? applied.rr : await read();
    }
    return rr ? waitFor(STALE_RETRY_MS) : done;
  };
}

/**
 * One that needs not be read live. What has ended stays so: of thousands that are only kept, none is read. One that is Blocked
 * begins nothing before its compare-and-swap, which fails at an old version.
 */
function atRest(known: RemediationRequest | undefined): RemediationRequest | undefined {
  const phase = known?.status?.overallPhase ?? "";
  return known && !known.metadata.deletionTimestamp && (phase === "Blocked" || isTerminal(phase)) ? known : undefined;
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
