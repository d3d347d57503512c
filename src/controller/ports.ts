import type { Logger } from "../lib/log.ts";

/** What a look at one key came to. `wait`: nothing to do before `afterMs` unless something watched moves; `done`: only an event brings the key back. */
export type Result = { readonly kind: "done" } | { readonly kind: "wait"; readonly afterMs: number };

export const done: Result = { kind: "done" };

/** Look again in `afterMs` milliseconds. */
export function waitFor(afterMs: number): Result {
  return { kind: "wait", afterMs };
}

export interface ReconcileContext {
  /** Aborts when the process has to let go of the work in hand. */
  readonly signal: AbortSignal;
  /** Bound with the controller's name and the key. */
  readonly log: Logger;
}

/** Level-based: looks at the state of the world for `key` and moves it one step nearer; running it twice is like running it once. */
export type Reconciler = (key: string, context: ReconcileContext) => Promise<Result>;

/**
 * Who acts first on a key. 0: now. Otherwise the controller waits that many milliseconds and acts only if `version`
 * still says the same: somebody nearer has then not moved. A guess that saves work, never a right to act: so it may be
 * wrong in every way, and costs a key `limitMs` at most.
 */
export interface Ranking {
  /** At most `limitMs`. */
  delayMs(target: string): number;
  /** Longer than this no key waits for others, whatever moves meanwhile. Milliseconds. */
  readonly limitMs: number;
  /** Told when the ranks may have changed: keys that were left to others must be looked at again. */
  subscribe(listener: () => void): () => void;
}
