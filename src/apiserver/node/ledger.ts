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

/** The entries in the order in which they started; only `end` changes one, once. */
export class Ledger {
  readonly #entries: LedgerEntry[] = [];

  /** Live view: grows and changes as containers start and end. */
  get entries(): readonly LedgerEntry[] {
    return this.#entries;
  }

  /** Opens an entry; the returned function closes it. */
  start(entry: Omit<LedgerEntry, "endedMs" | "exitCode">): (endedMs: number, exitCode: number) => void {
    const index = this.#entries.push({ ...entry, endedMs: undefined, exitCode: undefined }) - 1;
    return (endedMs, exitCode) => {
      this.#entries[index] = { ...entry, endedMs, exitCode };
    };
  }
}
