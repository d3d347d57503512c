import { kinds } from "../api/kinds.ts";
import type { Lease } from "../api/lease.ts";
import type { Draft, ObjectKey } from "../api/object.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import { isKubeError, isNotThatObject, KubeError } from "../kube/kube-error.ts";
import type { CallOptions } from "../kube/ports.ts";
import type { Acquired, LockForm, LockMetrics } from "./metrics.ts";
import type { Observations } from "./observations.ts";
import type { LeaseClient } from "./ports.ts";
import { judge, type Asker, type Verdict } from "./verdict.ts";

/** What is to be written: a new Lease, or an existing one with ourselves as its holder. Asked anew for every request. */
export interface LeaseForm {
  readonly heldBy: LockForm;
  readonly at: ObjectKey;
  draft(): Draft<Lease>;
  onto(lease: Lease): Lease;
}

/** The moment before a request was sent, on both clocks. */
export interface Moment {
  readonly wallMs: number;
  readonly monotonicMs: number;
}

/** `sent` is before the write that made it ours went out. */
export interface Taken {
  readonly kind: "taken";
  readonly how: Acquired;
  readonly lease: Lease;
  readonly sent: Moment;
}

/** A Lease that is not ours to have. `unsettled`: it changed hands each time that we looked. */
export type NotTaken = Extract<Verdict, { kind: "claimed" | "held" | "leaving" | "foreign" }> | { readonly kind: "unsettled" };

export interface TakeDeps {
  readonly client: LeaseClient;
  readonly clock: Clock;
  readonly observations: Observations;
  readonly metrics: LockMetrics;
}

const ROUNDS = 4;

/**
 * Takes a Lease: create first, one write when it is free. Anything but a clean 201 is settled by a live read, because
 * AlreadyExists may be our own creation whose answer was lost. What is there already is only ever taken by a
 * compare-and-swap on its uid and resourceVersion. Throws KubeError when the API server refuses or stays silent.
 */
export async function takeLease(deps: TakeDeps, asker: Asker, form: LeaseForm, options: CallOptions): Promise<Taken | NotTaken> {
  const { clock, metrics } = deps;
  const startMs = clock.monotonic();
  try {
    const answer = await inRounds(deps, asker, form, options);
    if (answer.kind === "taken") metrics.record({ kind: "acquired", form: form.heldBy, how: answer.how, tookMs: clock.monotonic() - startMs });
    return answer;
  } catch (error) {
    metrics.record({ kind: "acquisition-failed", form: form.heldBy, reason: error instanceof KubeError ? error.reason : "Other" });
    throw error;
  }
}

async function inRounds(deps: TakeDeps, asker: Asker, form: LeaseForm, options: CallOptions): Promise<Taken | NotTaken> {
  let doubt: unknown;
  for (let round = 0; round < ROUNDS; round++) {
    options.signal?.throwIfAborted();
    const created = await attempt(deps, "created", () => deps.client.create(kinds.Lease, form.draft(), options));
    if (created.kind === "taken") return created;
    doubt = created.doubt;
    const lease = await deps.client.get(kinds.Lease, form.at, options);
    if (!lease) continue;
    const next = await settle(deps, lease, asker, form, options);
    if (next.kind !== "again") return next;
    doubt = next.doubt;
  }
  if (doubt) throw doubt;
  return { kind: "unsettled" };
}

type Again = { readonly kind: "again"; readonly doubt?: unknown };

async function settle(deps: TakeDeps, lease: Lease, asker: Asker, form: LeaseForm, options: CallOptions): Promise<Taken | NotTaken | Again> {
  const verdict = judge(lease, asker, deps.observations.unchangedForMs(lease, deps.clock.monotonic()));
  switch (verdict.kind) {
    case "mine":
      return takeOver("adopted");
    case "vacant":
    case "expired":
      return takeOver("taken-over");
    case "claimed":
    case "held":
    case "leaving":
    case "foreign":
      return verdict;
    default:
      return assertNever(verdict);
  }

  async function takeOver(how: Acquired): Promise<Taken | Again> {
    return attempt(deps, how, () => deps.client.replace(kinds.Lease, form.onto(lease), options));
  }
}

/** One write, its answer taken for what it is: done, or to be looked at again (with the error, when it may have landed). */
async function attempt(deps: TakeDeps, how: Acquired, write: () => Promise<Lease>): Promise<Taken | Again> {
  const sent = { wallMs: deps.clock.now(), monotonicMs: deps.clock.monotonic() };
  try {
    return { kind: "taken", how, lease: await write(), sent };
  } catch (error) {
    if (mayHaveLanded(error)) return { kind: "again", doubt: error };
    const overtaken = how === "created" ? isKubeError(error, "AlreadyExists") : isNotThatObject(error);
    if (overtaken) return { kind: "again" };
    throw error;
  }
}

/** Whether a write that failed like this may have been done all the same. */
export function mayHaveLanded(error: unknown): boolean {
  return isKubeError(error, "UnknownOutcome", "ServerError");
}
