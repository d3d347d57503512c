import type { Lease } from "../api/lease.ts";
import { kinds } from "../api/kinds.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { CallOptions } from "../kube/ports.ts";
import { claimForm, type ClaimFacts } from "./claim-lease.ts";
import { giveBack } from "./give-back.ts";
import { heldMs } from "./held-time.ts";
import { claimIdentity } from "./holder-identity.ts";
import { keyOfTarget, leaseName } from "./lease-name.ts";
import type { LockMetrics } from "./metrics.ts";
import { Observations } from "./observations.ts";
import type { Claim, ClaimAnswer, ClaimHolder, Claims, LeaseClient, LockTarget } from "./ports.ts";
import { takeLease, type NotTaken, type Taken } from "./take-lease.ts";
import { Turnstile } from "./turnstile.ts";
import { judge } from "./verdict.ts";

export interface ClaimsDeps {
  readonly client: LeaseClient;
  /** Where the Leases live. */
  readonly namespace: string;
  /** Name of this replica, written into the Lease for people to read. */
  readonly identity: string;
  readonly clock: Clock;
  readonly metrics: LockMetrics;
  readonly log: Logger;
  /** What is known here of Leases without asking. Absent: every release begins with a live read. */
  readonly known?: KnownLeases;
}

/** A local copy of Leases, which may be behind. */
export interface KnownLeases {
  /** Those about a key. */
  on(key: string): readonly Lease[];
  /** One that we have deleted ourselves is gone, before a watch says so. */
  deleted(lease: Lease): void;
}

/** How soon a claim that could not be had is worth another look (domain rule LockContentionRetry). */
export const CONTENTION_RETRY_MS = 100;

/**
 * Claims as Leases. In one process at most one handle per target is open, whoever the holder: an open handle answers
 * everybody else, the same holder included, without a request.
 */
export function createClaims(deps: ClaimsDeps): Claims {
  return new LeaseClaims(deps);
}

class LeaseClaims implements Claims {
  readonly #deps: ClaimsDeps;
  readonly #observations = new Observations();
  readonly #turnstile = new Turnstile<ClaimAnswer>();

  constructor(deps: ClaimsDeps) {
    this.#deps = deps;
  }

  async acquire(target: LockTarget, holder: ClaimHolder, options: CallOptions = {}): Promise<ClaimAnswer> {
    const facts = this.#facts(target, holder);
    for (;;) {
      options.signal?.throwIfAborted();
      const entered = this.#turnstile.enter(facts.key, facts.identity, options.signal, (leave) => this.#ask(target, holder, facts, leave, options));
      const answer = entered ? await entered : await this.#overhear(facts, options.signal);
      if (!answer) continue;
      if (answer.kind !== "held") this.#deps.metrics.record({ kind: "refused", form: "claim", why: answer.kind });
      return answer;
    }
  }

  async look(target: LockTarget, holder: ClaimHolder, options: CallOptions = {}): Promise<"free" | "mine" | "taken" | "foreign"> {
    const facts = this.#facts(target, holder);
    const lease = await this.#deps.client.get(kinds.Lease, facts.at, options);
    if (!lease) return "free";
    const verdict = judge(lease, facts, this.#observations.unchangedForMs(lease, this.#deps.clock.monotonic()));
    switch (verdict.kind) {
      case "vacant":
      case "expired":
        return "free";
      case "mine":
      case "foreign":
        return verdict.kind;
      case "claimed":
      case "held":
      case "leaving":
        return "taken";
      default:
        return assertNever(verdict);
    }
  }

  async release(target: LockTarget, holder: ClaimHolder, options: CallOptions = {}): Promise<"released" | "absent"> {
    const facts = this.#facts(target, holder);
    const { client, known, metrics } = this.#deps;
    const ours = (seen: Lease): boolean => judge(seen, facts, 0).kind === "mine";
    // Live where it is not known here: right after the acquisition it may not have come yet, and it would stay.
    const lease = known?.on(facts.key).find(ours) ?? (await client.get(kinds.Lease, facts.at, options));
    if (!lease || !ours(lease)) return "absent";
    // Moved on: another replica has adopted it, or made it anew, for what comes after the end that is seen here. The reaper looks at that.
    const end = await giveBack(client, lease, options);
    if (end === "deleted") metrics.record({ kind: "released", form: "claim", heldMs: heldMs(lease, this.#deps.clock.now()) });
    if (end !== "moved-on") known?.deleted(lease);
    return end === "moved-on" ? "absent" : "released";
  }

  /** What the caller in front was told, from where this one stands; undefined when it has to ask for itself. */
  async #overhear(facts: ClaimFacts, signal: AbortSignal | undefined): Promise<ClaimAnswer | undefined> {
    const witnessed = await this.#turnstile.witness(facts.key, signal);
    if (witnessed.kind === "try-again") return undefined;
    const { answer, by } = witnessed;
    if (answer.kind === "held") return contended(by);
    return answer.kind === "claimed" && claimIdentity(answer.by) === facts.identity ? undefined : answer;
  }

  async #ask(target: LockTarget, holder: ClaimHolder, facts: ClaimFacts, leave: () => void, options: CallOptions): Promise<ClaimAnswer> {
    const { client, clock, metrics } = this.#deps;
    const taken = await takeLease({ client, clock, metrics, observations: this.#observations }, facts, claimForm(facts), options);
    if (taken.kind === "taken") return { kind: "held", how: taken.how, claim: this.#handle(target, holder, taken, leave) };
    leave();
    return refusal(taken);
  }

  #handle(target: LockTarget, holder: ClaimHolder, { lease, how }: Taken, leave: () => void): Claim {
    // What was adopted somebody else has taken, who may have created something under it: it is not ours to give back.
    let ended: Promise<void> | undefined;
    const giveBackOwn = (): Promise<void> => (how === "adopted" ? Promise.resolve() : this.#dispose(lease));
    return {
      target,
      holder,
      fence: lease.metadata.resourceVersion,
      keep() {
        if (ended) return;
        ended = Promise.resolve();
        leave();
      },
      [Symbol.asyncDispose]: () => (ended ??= giveBackOwn().finally(leave)),
    };
  }

  // At the version that the acquisition got, and no other: whoever has moved the Lease since has adopted or taken it.
  async #dispose(lease: Lease): Promise<void> {
    const { client, clock, metrics, log } = this.#deps;
    try {
      const end = await giveBack(client, lease);
      if (end === "deleted") metrics.record({ kind: "released", form: "claim", heldMs: heldMs(lease, clock.now()) });
    } catch (error) {
      metrics.record({ kind: "release-failed", form: "claim" });
      log.warn("claim not given back, the reaper will look at it", { err: error, lease: lease.metadata.name, holder: lease.spec?.holderIdentity });
    }
  }

  #facts(target: LockTarget, holder: ClaimHolder): ClaimFacts {
    const { namespace, identity: replica, clock } = this.#deps;
    const key = keyOfTarget(target);
    return { at: { namespace, name: leaseName(key) }, key, identity: claimIdentity(holder), replica, nowMs: () => clock.now() };
  }
}

function contended(by: string): ClaimAnswer {
  return { kind: "contended", by, retryAfterMs: CONTENTION_RETRY_MS };
}

function refusal(taken: NotTaken): Exclude<ClaimAnswer, { kind: "held" }> {
  switch (taken.kind) {
    case "claimed":
    case "foreign":
      return taken;
    case "held":
      return { kind: "contended", by: taken.by, retryAfterMs: Math.min(taken.expiresInMs, CONTENTION_RETRY_MS) };
    case "leaving":
      return { kind: "contended", by: taken.by || "a Lease in deletion", retryAfterMs: CONTENTION_RETRY_MS };
    case "unsettled":
      return { kind: "contended", by: "several at once", retryAfterMs: CONTENTION_RETRY_MS };
    default:
      return assertNever(taken);
  }
}
