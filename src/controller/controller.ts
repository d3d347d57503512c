import type { BackoffPolicy } from "../lib/backoff.ts";
import { abortScope } from "../lib/abort-scope.ts";
import { assertNever } from "../lib/assert-never.ts";
import type { Clock } from "../lib/clock.ts";
import type { Logger } from "../lib/log.ts";
import type { Instruments } from "../metrics/instruments.ts";
import type { WorkItem } from "../queue/ports.ts";
import { createWorkQueue } from "../queue/work-queue.ts";
import type { Ranking, Reconciler } from "./ports.ts";
import { createRankGate } from "./rank-gate.ts";

export interface ControllerDeps {
  /** Stands in logs and metrics. */
  readonly name: string;
  readonly reconcile: Reconciler;
  /** How many keys are in hand at once. */
  readonly workers: number;
  readonly ranking: Ranking;
  /** The target by which a key is ranked. */
  readonly targetOf: (key: string) => string;
  /** What changes when anything about a key moves; read from caches. */
  readonly versionOf: (key: string) => string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  readonly instruments: Instruments;
}

/** N workers over one queue of keys. */
export interface Controller {
  readonly name: string;
  /** Look at `key` (in `afterMs`, if given). */
  enqueue(key: string, afterMs?: number): void;
  /** Works until `signal` aborts, then finishes what is in hand and resolves. Work in hand is itself aborted after `graceMs`. */
  run(signal: AbortSignal, graceMs: number): Promise<void>;
}

const BACKOFF: BackoffPolicy = { baseMs: 50, maxMs: 30_000, factor: 2, jitter: 0.2 };

/** A controller: the only place where errors of a reconcile are caught, logged and counted. */
export function createController(deps: ControllerDeps): Controller {
  const { name, clock, random } = deps;
  const queue = createWorkQueue({ clock, random, backoff: BACKOFF });
  const gate = createRankGate({ ranking: deps.ranking, clock, targetOf: deps.targetOf, versionOf: deps.versionOf, pass: (key) => queue.add(key) });
  deps.instruments.queues.set(name, () => queue.depth);
  const work = async (signal: AbortSignal): Promise<void> => {
    for (let item = await queue.take(); item; item = await queue.take()) {
      if (gate.admit(item.key)) await handle(deps, item, signal);
      else item.forget();
    }
  };
  return {
    name,
    enqueue: (key, afterMs) => queue.add(key, afterMs),
    async run(signal, graceMs) {
      using hand = abortScope();
      const stopped = Promise.withResolvers<void>();
      const stop = (): void => {
        queue.close();
        gate.close();
        stopped.resolve();
      };
      if (signal.aborted) stop();
      else signal.addEventListener("abort", stop, { once: true });
      const workers = Promise.all(Array.from({ length: deps.workers }, () => work(hand.signal)));
      await stopped.promise;
      const grace = clock.timer(graceMs, () => hand.abort(new Error("the process is shutting down")));
      await workers;
      grace.cancel();
    },
  };
}

async function handle(deps: ControllerDeps, item: WorkItem, signal: AbortSignal): Promise<void> {
  const { name, clock, instruments } = deps;
  const log = deps.log.with({ controller: name, key: item.key });
  const startMs = clock.monotonic();
  const result = await attempt(deps, item, { signal, log });
  instruments.reconciles.inc({ controller: name, result });
  instruments.reconcileSeconds.observe({ controller: name }, (clock.monotonic() - startMs) / 1000);
}

async function attempt(deps: ControllerDeps, item: WorkItem, context: { readonly signal: AbortSignal; readonly log: Logger }): Promise<"done" | "wait" | "error"> {
  try {
    const result = await deps.reconcile(item.key, context);
    switch (result.kind) {
      case "done":
        item.forget();
        break;
      case "wait":
        item.requeue(result.afterMs);
        break;
      default:
        return assertNever(result);
    }
    return result.kind;
  } catch (error) {
    context.log.warn("reconcile failed, will be tried again", { err: error, failures: item.failures + 1 });
    item.retry(retryAfterMs(error));
    return "error";
  }
}

/** What the one who refused asked to wait, where the error says so. Milliseconds. */
function retryAfterMs(error: unknown): number {
  return error instanceof Error && "retryAfterMs" in error && typeof error.retryAfterMs === "number" ? error.retryAfterMs : 0;
}
