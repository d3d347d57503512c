import type { SelectedWorkflow } from "../api/ai-analysis.ts";
import { kinds } from "../api/kinds.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import { isFenced, type WorkflowExecution } from "../api/workflow-execution.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import { exactDelete } from "../kube/compare-and-swap.ts";
import { isKubeError } from "../kube/kube-error.ts";
import type { CallOptions, Reader, Writer } from "../kube/ports.ts";
import type { Claim, LockTarget } from "../locking/ports.ts";
import type { Children } from "./children.ts";
import { workflowExecutionFor } from "./creators/workflow-execution.ts";
import { limitMs } from "./limits.ts";
import type { BlockingCondition, RoutingEngine } from "./routing/ports.ts";
import type { Rights } from "./rights.ts";
import type { RemediationSettings } from "./settings.ts";

/** What is to be run, and on what. */
export interface LaunchPlan {
  readonly target: LockTarget;
  readonly workflow: SelectedWorkflow;
}

/**
 * What a launch came to. `born`: the WorkflowExecution exists, and waits for the RemediationRequest to name it. `fenced`: it
 * exists and will never run, and the RemediationRequest has to give it up before it may be deleted.
 * `occupied`: an earlier object still has the name. `refused`: the API server takes no such WorkflowExecution, however often it is
 * sent. `hindered`: a right is missing, so nothing was tried: what can not be finished is not begun.
 */
export type Launch =
  | { readonly kind: "born"; readonly execution: WorkflowExecution }
  | { readonly kind: "fenced"; readonly execution: WorkflowExecution }
  | { readonly kind: "blocked"; readonly condition: BlockingCondition }
  | { readonly kind: "contended"; readonly by: string; readonly retryAfterMs: number }
  | { readonly kind: "occupied" }
  | { readonly kind: "refused"; readonly message: string }
  | { readonly kind: "hindered"; readonly because: string };

export interface LaunchDeps {
  readonly client: Reader & Writer;
  readonly routing: RoutingEngine;
  readonly children: Children;
  readonly clock: Clock;
  readonly settings: RemediationSettings;
  readonly rights: Pick<Rights, "missing">;
}

/** The single way to a WorkflowExecution: lock, checks, creation (safety protocol, steps 1 to 3). */
export function createLaunchWorkflow(deps: LaunchDeps): (rr: RemediationRequest, plan: LaunchPlan, options: CallOptions) => Promise<Launch> {
  return async (rr, plan, options) => {
    const missing = deps.rights.missing();
    if (missing) return { kind: "hindered", because: missing };
    const routed = await deps.routing.checkBlockingConditions({ rr, target: plan.target, workflowId: plan.workflow.workflowId }, options);
    switch (routed.kind) {
      case "blocked":
      case "contended":
        return routed;
      case "clear": {
        await using claim = routed.claim;
        return await bear(deps, rr, plan.workflow, claim, options);
      }
      default:
        return assertNever(routed);
    }
  };
}

/**
 * Step 3: the WorkflowExecution is born Pending. The claim outlives this call as soon as one may exist. One that runs already or has
 * ended is named like any other: under our executor somebody else has named it then, and this snapshot of its owner is too old to be
 * written; one that is not ours has begun before anybody named it.
 */
async function bear(deps: LaunchDeps, rr: RemediationRequest, workflow: SelectedWorkflow, claim: Claim, options: CallOptions): Promise<Launch> {
  const timesOutAt = new Date(deps.clock.now() + limitMs(rr, "executing", deps.settings)).toISOString();
  const draft = workflowExecutionFor(rr, workflow, claim, { timesOutAt, ourExecutor: deps.settings.ourExecutor });
  const ensured = await keepingOnDoubt(claim, () => deps.children.ensure(kinds.WorkflowExecution, draft, rr, options));
  if (ensured.kind !== "ours") return ensured.kind === "refused" ? ensured : { kind: "occupied" };
  const { object: execution } = ensured;
  if (execution.metadata.deletionTimestamp) return { kind: "occupied" };
  if (isFenced(execution)) return hasGivenUp(rr, execution) ? await removeFenced(deps, execution, options) : { kind: "fenced", execution };
  claim.keep();
  return { kind: "born", execution };
}

/**
 * Whether this version of `rr`, which is not Executing, names `execution`: then no look at an older version can name it any more,
 * and every later one finds it fenced. Before that somebody who saw it Pending may be about to, and must not find it gone.
 */
function hasGivenUp(rr: RemediationRequest, { metadata: { uid } }: WorkflowExecution): boolean {
  return rr.status?.phaseProgress?.workflowExecutionRef?.uid === uid;
}

/** A fenced WorkflowExecution is never adopted: it goes, and the next look creates a new one. */
async function removeFenced(deps: LaunchDeps, execution: WorkflowExecution, options: CallOptions): Promise<Launch> {
  await exactDelete(deps.client, kinds.WorkflowExecution, execution, { ...options, precondition: "uid" });
  return { kind: "occupied" };
}

/** Runs a creation; when its outcome stays unknown the object may exist, and the claim stays with it. */
async function keepingOnDoubt<T>(claim: Claim, create: () => Promise<T>): Promise<T> {
  try {
    return await create();
  } catch (error) {
    if (!isKubeError(error) || isKubeError(error, "UnknownOutcome", "ServerError")) claim.keep();
    throw error;
  }
}

