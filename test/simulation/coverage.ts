import { FAULTS, type FaultName } from "./plan.ts";
import { PROTOCOL_STEPS, type ProtocolStep } from "./protocol-step.ts";
import type { Verdict } from "./run.ts";

/** What many runs have seen together; it can be sent from one process to another. */
export interface Tally {
  readonly runs: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly fenced: number;
  /** Runs in which nothing went wrong. */
  readonly faultFree: number;
  /** `fault@step` -> how often it came about. */
  readonly fired: Readonly<Record<string, number>>;
  /** Numbers of the interleavings seen. */
  readonly interleavings: readonly number[];
}

/** Adds up runs. */
export class Coverage {
  #runs = 0;
  #steps = 0;
  #virtualMs = 0;
  #fenced = 0;
  #faultFree = 0;
  readonly #fired = new Map<string, number>();
  readonly #interleavings = new Set<number>();

  add({ steps, virtualMs, fired, interleaving, fenced, plan }: Verdict): void {
    this.#runs++;
    this.#steps += steps;
    this.#virtualMs += virtualMs;
    this.#fenced += fenced;
    if (plan.faults.length === 0) this.#faultFree++;
    for (const { name, step } of fired) this.#count(cellOf(name, step), 1);
    this.#interleavings.add(interleaving);
  }

  addTally(tally: Tally): void {
    this.#runs += tally.runs;
    this.#steps += tally.steps;
    this.#virtualMs += tally.virtualMs;
    this.#fenced += tally.fenced;
    this.#faultFree += tally.faultFree;
    for (const [cell, times] of Object.entries(tally.fired)) this.#count(cell, times);
    for (const interleaving of tally.interleavings) this.#interleavings.add(interleaving);
  }

  /** Everything so far, and begins anew. */
  take(): Tally {
    const tally: Tally = {
      runs: this.#runs,
      steps: this.#steps,
      virtualMs: this.#virtualMs,
      fenced: this.#fenced,
      faultFree: this.#faultFree,
      fired: Object.fromEntries(this.#fired),
      interleavings: [...this.#interleavings],
    };
    [this.#runs, this.#steps, this.#virtualMs, this.#fenced, this.#faultFree] = [0, 0, 0, 0, 0];
    this.#fired.clear();
    this.#interleavings.clear();
    return tally;
  }

  get runs(): number {
    return this.#runs;
  }

  /** Cells of the table in which nothing has come about yet. */
  empty(): readonly string[] {
    return FAULTS.flatMap((name) => PROTOCOL_STEPS.map((step) => cellOf(name, step))).filter((cell) => !this.#fired.has(cell));
  }

  /** In words: how much was seen. */
  summary(): string {
    const days = this.#virtualMs / 86_400_000;
    return `${this.#runs} runs (${this.#faultFree} without a fault), ${this.#steps} steps, ${days.toFixed(1)} virtual days, ${this.#interleavings.size} different interleavings, ${this.#fenced} executions fenced`;
  }

  /** The table: faults down, steps of the protocol across. */
  table(): string {
    const width = Math.max(...FAULTS.map((name) => name.length));
    const row = (name: string, cells: readonly (string | number)[]): string => name.padEnd(width) + cells.map((cell) => String(cell).padStart(7)).join("");
    const lines = FAULTS.map((name) => row(name, PROTOCOL_STEPS.map((step) => this.#fired.get(cellOf(name, step)) ?? "-")));
    return [row("fault \\ step", PROTOCOL_STEPS), ...lines].join("\n");
  }

  #count(cell: string, times: number): void {
    this.#fired.set(cell, (this.#fired.get(cell) ?? 0) + times);
  }
}

function cellOf(name: FaultName, step: ProtocolStep): string {
  return `${name}@${step}`;
}
