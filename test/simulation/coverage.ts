import { isImpossible, ROWS, type Row } from "./fired.ts";
import { isFaultFree } from "./plan.ts";
import { PROTOCOL_STEPS, type ProtocolStep } from "./protocol-step.ts";
import type { Verdict } from "./run.ts";
import type { Untouched } from "./touched.ts";

/** What many runs have seen together; it can be sent from one process to another. */
export interface Tally {
  readonly runs: number;
  readonly steps: number;
  readonly virtualMs: number;
  readonly fenced: number;
  /** Runs in which nothing went wrong. */
  readonly faultFree: number;
  /** How much was held against every promise to its end. */
  readonly judged: Judged;
  /** `fault@step` -> how often it came about. */
  readonly fired: Readonly<Record<string, number>>;
  /** Numbers of the interleavings seen. */
  readonly interleavings: readonly number[];
}

/** Runs in which some target, or remediation, stayed untouched; and how many of all did. */
export interface Judged extends Untouched {
  readonly orderRuns: number;
  readonly endingRuns: number;
}

const NOTHING_JUDGED: Judged = { orderRuns: 0, endingRuns: 0, targets: 0, ofTargets: 0, remediations: 0, ofRemediations: 0 };

/** Adds up runs. */
export class Coverage {
  #runs = 0;
  #steps = 0;
  #virtualMs = 0;
  #fenced = 0;
  #faultFree = 0;
  #judged = NOTHING_JUDGED;
  readonly #fired = new Map<string, number>();
  readonly #interleavings = new Set<number>();

  add({ steps, virtualMs, fired, interleaving, fenced, plan, untouched }: Verdict): void {
    this.#runs++;
    this.#steps += steps;
    this.#virtualMs += virtualMs;
    this.#fenced += fenced;
    if (isFaultFree(plan)) this.#faultFree++;
    this.#judged = sum(this.#judged, { ...untouched, orderRuns: Math.sign(untouched.targets), endingRuns: Math.sign(untouched.remediations) });
    for (const { name, step } of fired) this.#count(cellOf(name, step), 1);
    this.#interleavings.add(interleaving);
  }

  addTally(tally: Tally): void {
    this.#runs += tally.runs;
    this.#steps += tally.steps;
    this.#virtualMs += tally.virtualMs;
    this.#fenced += tally.fenced;
    this.#faultFree += tally.faultFree;
    this.#judged = sum(this.#judged, tally.judged);
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
      judged: this.#judged,
      fired: Object.fromEntries(this.#fired),
      interleavings: [...this.#interleavings],
    };
    [this.#runs, this.#steps, this.#virtualMs, this.#fenced, this.#faultFree] = [0, 0, 0, 0, 0];
    this.#judged = NOTHING_JUDGED;
    this.#fired.clear();
    this.#interleavings.clear();
    return tally;
  }

  get runs(): number {
    return this.#runs;
  }

  /** Cells of the table in which nothing has come about yet and something could. */
  empty(): readonly string[] {
    return ROWS.flatMap((name) => PROTOCOL_STEPS.filter((step) => !isImpossible(name, step)).map((step) => cellOf(name, step))).filter((cell) => !this.#fired.has(cell));
  }

  /** In words: how much was seen. */
  summary(): string {
    const days = this.#virtualMs / 86_400_000;
    return `${this.#runs} runs (${this.#faultFree} without a fault), ${this.#steps} steps, ${days.toFixed(1)} virtual days, ${this.#interleavings.size} different interleavings, ${this.#fenced} executions fenced; ${this.#share()}`;
  }

  #share(): string {
    const { orderRuns, endingRuns, targets, ofTargets, remediations, ofRemediations } = this.#judged;
    const of = (part: number, all: number): string => `${((100 * part) / Math.max(1, all)).toFixed(0)} %`;
    return `judged to the end: order in ${of(orderRuns, this.#runs)} of the runs (${of(targets, ofTargets)} of the targets), endings in ${of(endingRuns, this.#runs)} (${of(remediations, ofRemediations)} of the remediations)`;
  }

  /** The table: faults down, steps of the protocol across. */
  table(): string {
    const width = Math.max(...ROWS.map((name) => name.length));
    const row = (name: string, cells: readonly (string | number)[]): string => name.padEnd(width) + cells.map((cell) => String(cell).padStart(7)).join("");
    const lines = ROWS.map((name) => row(name, PROTOCOL_STEPS.map((step) => this.#fired.get(cellOf(name, step)) ?? (isImpossible(name, step) ? "—" : "0"))));
    return [row("fault \\ step", PROTOCOL_STEPS), ...lines].join("\n");
  }

  #count(cell: string, times: number): void {
    this.#fired.set(cell, (this.#fired.get(cell) ?? 0) + times);
  }
}

function sum(one: Judged, other: Judged): Judged {
  return {
    orderRuns: one.orderRuns + other.orderRuns,
    endingRuns: one.endingRuns + other.endingRuns,
    targets: one.targets + other.targets,
    ofTargets: one.ofTargets + other.ofTargets,
    remediations: one.remediations + other.remediations,
    ofRemediations: one.ofRemediations + other.ofRemediations,
  };
}

function cellOf(name: Row, step: ProtocolStep): string {
  return `${name}@${step}`;
}
