import { abortScope } from "../lib/abort-scope.ts";
import { assertNever } from "../lib/assert-never.ts";
import { jittered } from "../lib/backoff.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { giveBack } from "./give-back.ts";
import { HeldLock } from "./held-lock.ts";
import { claimIdentity, looksLikeClaim } from "./holder-identity.ts";
import { KeyGate } from "./key-gate.ts";
import { LEASE_PREFIX, leaseName } from "./lease-name.ts";
import type { LockMetrics } from "./metrics.ts";
import { Observations } from "./observations.ts";
import type { LeaseClient, ProcessLockAnswer, ProcessLockMode, ProcessLocks } from "./ports.ts";
import { processForm } from "./process-lease.ts";
import { takeLease, type NotTaken, type Taken } from "./take-lease.ts";
import { whyNot, type Term } from "./vouch.ts";

export interface ProcessLocksDeps {
  readonly client: LeaseClient;
  /** Where the Leases live. */
  readonly namespace: string;
  /** Name of this process. Each acquisition adds a mark of its own, so two workers of one process never pass for one holder. */
  readonly identity: string;
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly metrics: LockMetrics;
  readonly log: Logger;
  /** How long a lock outlives its last renewal; 30 000 unless given. */
  readonly durationMs?: number;
  /** Kept off the end of that, for clocks that jump; a tenth unless given. */
  readonly marginMs?: number;
  /** What the Leases' names begin with; `ro-lock-` unless given. */
  readonly prefix?: string;
}

const DEFAULT_DURATION_MS = 30_000;
const MARGIN_RATIO = 0.1;
/** A request may take this part of a term. */
const REQUESTS_PER_TERM = 3;
const RETRY_MS = 100;
const RETRY_JITTER = 0.1;

/** Locks that this process holds and renews. TypeError when the identity could be taken for a claim's, or the durations make no sense. */
export function createProcessLocks(deps: ProcessLocksDeps): ProcessLocks {
  return new LeaseLocks(deps);
}

class LeaseLocks implements ProcessLocks {
  readonly #deps: ProcessLocksDeps;
  readonly #term: Term;
  readonly #observations = new Observations();
  // One worker of this process at a time deals with a key, from its first request until its lock was given back.
  readonly #inProcess = new KeyGate();
  #acquisitions = 0;

  constructor(deps: ProcessLocksDeps) {
    this.#deps = deps;
    this.#term = termOf(deps);
    if (deps.identity === "" || looksLikeClaim(deps.identity)) throw new TypeError(`a process can not be called ${JSON.stringify(deps.identity)}`);
  }

  async acquire(key: string, how: ProcessLockMode, options: { readonly signal?: AbortSignal } = {}): Promise<ProcessLockAnswer> {
    const { clock, identity } = this.#deps;
    const untilMs = clock.monotonic() + (how.mode === "try" ? 0 : how.mode.waitMs);
    const leave = await this.#enter(key, untilMs, options.signal);
    const answer = leave ? await this.#inside(key, untilMs, leave, options.signal) : contended(identity);
    if (answer.kind !== "held") this.#deps.metrics.record({ kind: "refused", form: "process", why: answer.kind });
    return answer;
  }

  /** The way out again, once nobody else of this process is inside; undefined when that took too long. */
  async #enter(key: string, untilMs: number, signal: AbortSignal | undefined): Promise<(() => void) | undefined> {
    const { clock } = this.#deps;
    for (;;) {
      signal?.throwIfAborted();
      const leave = this.#inProcess.enter(key);
      const leftMs = untilMs - clock.monotonic();
      if (leave || leftMs <= 0) return leave;
      using scope = abortScope(signal);
      const timeUp = clock.sleep(leftMs, { signal: scope.signal }).catch(() => undefined);
      await Promise.race([this.#inProcess.left(key), timeUp]);
      scope.abort();
    }
  }

  async #inside(key: string, untilMs: number, leave: () => void, signal: AbortSignal | undefined): Promise<ProcessLockAnswer> {
    const { clock, random } = this.#deps;
    const attempt = this.#attempts(key, leave, signal);
    try {
      for (;;) {
        signal?.throwIfAborted();
        const answer = await attempt();
        if (answer.kind === "held") return answer;
        const leftMs = untilMs - clock.monotonic();
        if (leftMs <= 0) {
          leave();
          return answer;
        }
        await clock.sleep(Math.min(leftMs, jittered(RETRY_MS, RETRY_JITTER, random)), signal ? { signal } : {});
      }
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** Attempts of one acquisition: they share one identity, so that an earlier one whose answer was lost is known again. */
  #attempts(key: string, leave: () => void, signal: AbortSignal | undefined): () => Promise<ProcessLockAnswer> {
    const { client, namespace, clock, metrics, log, prefix = LEASE_PREFIX } = this.#deps;
    const identity = this.#freshIdentity();
    const at = { namespace, name: leaseName(key, prefix) };
    const form = processForm({ at, key, identity, replica: this.#deps.identity, durationMs: this.#term.durationMs, nowMs: () => clock.now() });
    return async () => {
      // The caller's signal does not reach the write: cut off, it might land and block everybody for a whole term.
      const options = { deadlineMs: this.#term.durationMs / REQUESTS_PER_TERM };
      const taken = await takeLease({ client, clock, metrics, observations: this.#observations }, { key, identity }, form, options);
      if (taken.kind !== "taken") return refusal(taken);
      if (await this.#cameTooLate(taken, signal)) return contended(identity);
      const lock = new HeldLock({ client, clock, metrics, log, term: this.#term }, key, at, taken, leave);
      return { kind: "held", how: taken.how, lock };
    };
  }

  /** Gives back what is of no use any more: the term is over before it began, or the caller has left (then throws its reason). */
  async #cameTooLate({ lease, sent }: Taken, signal: AbortSignal | undefined): Promise<boolean> {
    const { client, clock } = this.#deps;
    const now = { wallMs: clock.now(), monotonicMs: clock.monotonic() };
    if (!signal?.aborted && !whyNot(this.#term, sent, now)) return false;
    await giveBack(client, lease);
    signal?.throwIfAborted();
    return true;
  }

  #freshIdentity(): string {
    const mark = Math.floor(this.#deps.random() * 2 ** 48).toString(36);
    return `${this.#deps.identity}/${++this.#acquisitions}-${mark}`;
  }
}

function termOf({ durationMs = DEFAULT_DURATION_MS, marginMs = durationMs * MARGIN_RATIO }: ProcessLocksDeps): Term {
  if (!(durationMs > 0) || !(marginMs >= 0) || !(marginMs < durationMs / 2)) throw new TypeError(`durationMs must be positive and marginMs less than half of it: ${durationMs}, ${marginMs}`);
  return { durationMs, marginMs };
}

function contended(by: string, expiresInMs = RETRY_MS): ProcessLockAnswer {
  return { kind: "contended", by, retryAfterMs: Math.min(expiresInMs, RETRY_MS) };
}

function refusal(taken: NotTaken): ProcessLockAnswer {
  switch (taken.kind) {
    case "foreign":
      return taken;
    case "claimed":
      return contended(claimIdentity(taken.by));
    case "held":
      return contended(taken.by, taken.expiresInMs);
    case "leaving":
      return contended(taken.by || "a Lease in deletion");
    case "unsettled":
      return contended("several at once");
    default:
      return assertNever(taken);
  }
}
