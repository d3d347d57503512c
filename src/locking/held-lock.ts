import { kinds } from "../api/kinds.ts";
import type { Lease } from "../api/lease.ts";
import type { ObjectKey } from "../api/object.ts";
import { abortScope, type AbortScope } from "../lib/abort-scope.ts";
import type { Clock, Timer } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import { isKubeError } from "../kube/kube-error.ts";
import { giveBack } from "./give-back.ts";
import { heldMs } from "./held-time.ts";
import { LockLostError, type LossReason } from "./lock-lost-error.ts";
import type { LockMetrics } from "./metrics.ts";
import type { LeaseClient, ProcessLock } from "./ports.ts";
import { renewed, sameAcquisition } from "./process-lease.ts";
import type { Moment, Taken } from "./take-lease.ts";
import { deadlineMs, whyNot, type Term } from "./vouch.ts";

export interface HeldLockDeps {
  readonly client: LeaseClient;
  readonly clock: Clock;
  readonly metrics: LockMetrics;
  readonly log: Logger;
  readonly term: Term;
}

/** Renewals in a term: two may fail before the lock is in danger. */
const RENEWALS_PER_TERM = 3;

/** A renewal that failed is tried again this often in a term. */
const RETRIES_PER_TERM = 10;

/** A process-held lock in hand: renewed until it is lost or given back. `onEnd` is called once, when it was given back. */
export class HeldLock implements ProcessLock {
  readonly key: string;
  readonly fence: string;
  readonly #deps: HeldLockDeps;
  readonly #at: ObjectKey;
  readonly #onEnd: () => void;
  readonly #scope: AbortScope = abortScope();
  readonly #renewing: Promise<void>;
  #lease: Lease;
  #sent: Moment;
  #deadline: Timer;
  #ended: Promise<void> | undefined;
  // renewTime of each renewal without an answer so far, and when it was sent: one of them may have landed.
  readonly #inDoubt = new Map<string, Moment>();

  constructor(deps: HeldLockDeps, key: string, at: ObjectKey, taken: Taken, onEnd: () => void) {
    this.key = key;
    this.fence = taken.lease.metadata.resourceVersion;
    this.#deps = deps;
    this.#at = at;
    this.#onEnd = onEnd;
    this.#lease = taken.lease;
    this.#sent = taken.sent;
    this.#deadline = this.#armed();
    this.#renewing = this.#renewals();
  }

  get signal(): AbortSignal {
    return this.#scope.signal;
  }

  assertHeld(): void {
    this.#check();
    this.signal.throwIfAborted();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return (this.#ended ??= this.#end());
  }

  /** Loses the lock when it can not be vouched for now. */
  #check(): void {
    const why = this.signal.aborted ? undefined : whyNot(this.#deps.term, this.#sent, this.#now());
    if (why) this.#lose(why);
  }

  #lose(reason: LossReason, cause?: unknown): void {
    if (this.signal.aborted) return;
    const { metrics, log } = this.#deps;
    this.#stop(new LockLostError(this.key, reason, cause));
    metrics.record({ kind: "lost", form: "process" });
    log.warn("process-held lock lost", { key: this.key, reason, ...(cause ? { err: cause } : {}) });
  }

  #stop(reason: LockLostError): void {
    this.#deadline.cancel();
    this.#scope.abort(reason);
  }

  async #renewals(): Promise<void> {
    const { clock, term } = this.#deps;
    let again = RENEWALS_PER_TERM;
    try {
      while (!this.signal.aborted) {
        await clock.sleep(term.durationMs / again, { signal: this.signal });
        again = (await this.#renew()) ? RENEWALS_PER_TERM : RETRIES_PER_TERM;
      }
    } catch (error) {
      // A sleep that ended with the lock is no failure; anything else leaves nobody to renew it.
      this.#lose("failed", error);
    }
  }

  async #renew(): Promise<boolean> {
    this.#check();
    if (this.signal.aborted) return false;
    const sent = this.#now();
    const next = renewed(this.#lease, sent.wallMs);
    this.#inDoubt.set(next.spec?.renewTime ?? "", sent);
    try {
      this.#confirm(await this.#deps.client.replace(kinds.Lease, next, this.#callOptions()), sent);
      return true;
    } catch (error) {
      if (!isKubeError(error)) throw error;
      return await this.#readAgain();
    }
  }

  /** After a refusal or a lost answer: the Lease as it is decides. False when it has to be renewed anew, soon. */
  async #readAgain(): Promise<boolean> {
    const seen = await this.#deps.client.get(kinds.Lease, this.#at, this.#callOptions()).catch(onlyKubeErrors);
    if (seen === "no answer" || this.signal.aborted) return false;
    if (!seen || !this.#isOurs(seen)) {
      this.#lose("taken");
      return false;
    }
    const landed = this.#inDoubt.get(seen.spec?.renewTime ?? "");
    if (landed) this.#confirm(seen, landed);
    else this.#lease = seen;
    return landed !== undefined;
  }

  /** Whether the Lease stands exactly as this acquisition last left it, or may have left it. */
  #isOurs(seen: Lease): boolean {
    const { renewTime = "" } = seen.spec ?? {};
    return sameAcquisition(seen, this.#lease) && (renewTime === this.#lease.spec?.renewTime || this.#inDoubt.has(renewTime));
  }

  #confirm(lease: Lease, sent: Moment): void {
    this.#inDoubt.clear();
    this.#lease = lease;
    this.#sent = sent;
    this.#deadline.cancel();
    if (!this.signal.aborted) this.#deadline = this.#armed();
  }

  #armed(): Timer {
    const { clock, term } = this.#deps;
    return clock.timer(deadlineMs(term, this.#sent) - clock.monotonic(), () => this.#lose("expired"));
  }

  async #end(): Promise<void> {
    const { client, metrics, log } = this.#deps;
    this.#stop(new LockLostError(this.key, "given-back"));
    await this.#renewing;
    try {
      const end = await giveBack(client, this.#lease, { stillOurs: (seen) => this.#isOurs(seen) });
      if (end === "deleted") metrics.record({ kind: "released", form: "process", heldMs: heldMs(this.#lease, this.#now().wallMs) });
    } catch (error) {
      metrics.record({ kind: "release-failed", form: "process" });
      log.warn("process-held lock not given back, it will expire", { err: error, key: this.key });
    } finally {
      this.#onEnd();
    }
  }

  #callOptions(): { readonly signal: AbortSignal; readonly deadlineMs: number } {
    return { signal: this.signal, deadlineMs: this.#deps.term.durationMs / RENEWALS_PER_TERM };
  }

  #now(): Moment {
    const { clock } = this.#deps;
    return { wallMs: clock.now(), monotonicMs: clock.monotonic() };
  }
}

function onlyKubeErrors(error: unknown): "no answer" {
  if (isKubeError(error)) return "no answer";
  throw error;
}
