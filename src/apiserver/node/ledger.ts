/** One run of one container: what really ran, whatever the cluster's objects say. Times are epoch milliseconds of the node's clock. */
export interface LedgerEntry {
  readonly podUid: string;
  readonly podName: string;
  readonly namespace: string;
  /** Absent for a pod that no job controls. */
  readonly jobUid: string | undefined;
  readonly jobName: string | undefined;
  /** The container's environment as it was handed over. */
  readonly env: Readonly<Record<string, string>>;
  readonly startedMs: number;
  /** Undefined while it runs. */
  readonly endedMs: number | undefined;
  /** 137 for one that was killed; undefined while it runs. */
  readonly exitCode: number | undefined;
}

/** How many entries a ledger keeps unless told otherwise: about 10 MB of them. */
export const LEDGER_LIMIT = 10_000;

/**
 * The entries in the order in which they started; only `end` changes one, once. Of more than `limit` the oldest that have ended
 * are forgotten: a server that runs for months does not grow. What still runs is never forgotten.
 */
export class Ledger {
  readonly #entries: LedgerEntry[] = [];
  readonly #limit: number;

  constructor(limit = LEDGER_LIMIT) {
    this.#limit = limit;
  }

  /** Live view: grows and changes as containers start and end. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Opens an entry; the returned function closes it. */
  start(entry: Omit<LedgerEntry, "endedMs" | "exitCode">): (endedMs: number, exitCode: number) => void {
    const running: LedgerEntry = { ...entry, endedMs: undefined, exitCode: undefined };
    this.#entries.push(running);
    this.#forget();
    return (endedMs, exitCode) => {
      const index = this.#entries.indexOf(running);
      if (index >= 0) this.#entries[index] = { ...entry, endedMs, exitCode };
      this.#forget();
    };
  }

  #forget(): void {
    while (this.#entries.length > this.#limit) {
      const oldest = this.#entries.findIndex(({ endedMs }) => endedMs !== undefined);
      if (oldest < 0) return;
      this.#entries.splice(oldest, 1);
    }
  }
}
