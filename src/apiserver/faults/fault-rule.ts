import type { Verb } from "../call.ts";
import type { Delay } from "../delayed-keys.ts";

/** What a request is about; kind and what follows are absent where it is about no resource. */
export interface RequestFacts {
  readonly user: string;
  readonly verb?: Verb;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name?: string;
  readonly subresource?: string;
}

/** Which requests are meant; a property that is absent fits everything. */
export interface FaultMatch {
  readonly user?: string;
  /** One of these. */
  readonly verbs?: readonly Verb[];
  readonly kind?: string;
  readonly namespace?: string;
  /** The name in the URL: requests for a collection, creates among them, have none. */
  readonly name?: string;
  readonly subresource?: string;
}

/**
 * What happens to a request. `delay`: it takes this long to arrive, and its answer to come back. `drop-request`: the connection
 * breaks before it arrived. `drop-answer`: it is handled, then the connection breaks. `hang-request`, `hang-answer`: the same, but
 * nothing breaks and the client waits until it gives up. `answer`: a failure in place of handling it.
 */
export type FaultAction =
  | { readonly kind: "delay"; readonly requestMs?: Delay; readonly answerMs?: Delay }
  | { readonly kind: "drop-request" | "drop-answer" | "hang-request" | "hang-answer" }
  | { readonly kind: "answer"; readonly status: 429 | 500 | 503; readonly retryAfterSeconds?: number };

/** A fault for requests that fit. Delays add up; of the other actions the oldest rule's counts. */
export interface FaultRule {
  readonly match?: FaultMatch;
  readonly action: FaultAction;
  /** How often, at most. Default: always. */
  readonly times?: number;
  /** In how many of the requests that fit, from 0 to 1. Default 1. */
  readonly probability?: number;
}

export function fits(facts: RequestFacts, { user, verbs, kind, namespace, name, subresource }: FaultMatch): boolean {
  return (
    (user === undefined || user === facts.user) &&
    (verbs === undefined || (facts.verb !== undefined && verbs.includes(facts.verb))) &&
    (kind === undefined || kind === facts.kind) &&
    (namespace === undefined || namespace === facts.namespace) &&
    (name === undefined || name === facts.name) &&
    (subresource === undefined || subresource === facts.subresource)
  );
}
