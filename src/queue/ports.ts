/** One key in hand. It must be finished exactly once, with one of the three; a second call throws. */
export interface WorkItem {
  readonly key: string;
  /** Failures in a row so far: 0 on a first try. */
  readonly failures: number;
  /** Done: the failure count is cleared. */
  forget(): void;
  /** Done for now, look again in `afterMs`; the failure count is cleared. */
  requeue(afterMs: number): void;
  /** Failed: again after a backoff that grows with the failures, and not before `atLeastMs` where somebody asked for that. */
  retry(atLeastMs?: number): void;
}

/** A set of keys to look at. A key is in hand at most once; added again meanwhile, it is handed out once more afterwards. */
export interface WorkQueue {
  /** Look at `key` now (or `afterMs` from now; the earlier of two delays counts). */
  add(key: string, afterMs?: number): void;
  /** The next key, waiting for one; undefined once the queue is closed. */
  take(): Promise<WorkItem | undefined>;
  /** No more keys are handed out; waiting takers get undefined. Keys in hand can still be finished. */
  close(): void;
  /** Keys ready, keys delayed, keys in hand. */
  readonly depth: { readonly ready: number; readonly delayed: number; readonly inHand: number };
}
