import { workflowExecutionName } from "../../api/child-names.ts";
import { kinds } from "../../api/kinds.ts";
import { isTerminalExecution } from "../../api/workflow-execution.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { jittered } from "../../lib/backoff.ts";
import type { CallOptions, Reader } from "../../kube/ports.ts";
import type { Claim, ClaimHolder, Claims } from "../../locking/ports.ts";
import type { Check, RoutingAnswer, RoutingEngine, RoutingQuery } from "./ports.ts";

export interface RoutingEngineDeps {
  readonly reader: Reader;
  readonly claims: Claims;
  /** Asked in this order, inside the lock. */
  readonly checks: readonly Check[];
  readonly contentionRetryMs: number;
  readonly random: () => number;
}

const CONTENTION_JITTER = 0.1;

/** The routing engine: lock first, then the checks (safety protocol, steps 1 and 2). */
export function createRoutingEngine(deps: RoutingEngineDeps): RoutingEngine {
  return {
    async checkBlockingConditions(query, options) {
      const { rr, target } = query;
      const answer = await deps.claims.acquire(target, holderOf(rr), options);
      switch (answer.kind) {
        case "held":
          return inside(deps.checks, query, answer.claim, options);
        case "claimed":
          return whatBecameOf(deps, answer.by, query, options);
        case "contended":
          return { ...answer, retryAfterMs: Math.min(answer.retryAfterMs, contentionDelayMs(deps)) };
        case "foreign":
          return { kind: "blocked", condition: { reason: "ResourceBusy", blocker: "", message: `The Lease of ${target.resource} is about another target (${answer.by}); waiting until it is gone.` } };
        default:
          return assertNever(answer);
      }
    },
  };
}

/** The object in whose name a remediation claims its target. */
export function holderOf(rr: RoutingQuery["rr"]): ClaimHolder {
  return { namespace: rr.metadata.namespace ?? "", name: rr.metadata.name, uid: rr.metadata.uid };
}

/** Asks the checks in order. The claim is given back unless the answer carries it, also when a check fails. */
async function inside(checks: readonly Check[], query: RoutingQuery, claim: Claim, options: CallOptions): Promise<RoutingAnswer> {
  let handedOn = false;
  try {
    for (const check of checks) {
      const condition = await check(query, options);
      if (condition) return { kind: "blocked", condition };
    }
    handedOn = true;
    return { kind: "clear", claim };
  } finally {
    if (!handedOn) await claim[Symbol.asyncDispose]();
  }
}

/** Another RemediationRequest holds the claim: busy once its WorkflowExecution is there, contended until then and after its end. */
async function whatBecameOf(deps: RoutingEngineDeps, by: ClaimHolder, query: RoutingQuery, options: CallOptions): Promise<RoutingAnswer> {
  const name = workflowExecutionName(by.name);
  const execution = await deps.reader.get(kinds.WorkflowExecution, { namespace: by.namespace, name }, options);
  if (execution && !isTerminalExecution(execution)) {
    return { kind: "blocked", condition: { reason: "ResourceBusy", blocker: name, message: `Another workflow (${name}) is running on ${query.target.resource}. Waiting for its end.` } };
  }
  return { kind: "contended", by: `${by.namespace}/${by.name}`, retryAfterMs: contentionDelayMs(deps) };
}

function contentionDelayMs(deps: RoutingEngineDeps): number {
  return jittered(deps.contentionRetryMs, CONTENTION_JITTER, deps.random);
}
