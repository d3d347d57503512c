import { readFileSync } from "node:fs";
import { parseLine, type LedgerLine } from "./ledger.ts";

/** The ledger as a file that others append to. */
export class LedgerFile {
  readonly #path: string;
  #from = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The whole lines since the last `forget`, in the order in which they were written. */
  lines(): readonly LedgerLine[] {
    const text = readFileSync(this.#path).subarray(this.#from).toString("utf8");
    return text.split("\n").map(parseLine).filter((line) => line !== undefined);
  }

  /** Begins anew with what comes. */
  forget(): void {
    this.#from = readFileSync(this.#path).length;
  }
}
