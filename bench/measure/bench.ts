import type { ServerKind } from "../support/server.ts";

/** What was promised of a figure, in words, and whether it was kept. */
export interface Aim {
  readonly text: string;
  readonly met: boolean;
}

/** One line of a table. */
export interface Row {
  readonly what: string;
  /** How many samples the figures are made of. */
  readonly samples: number;
  /** By name, with the unit in it. A row need not have every column. */
  readonly figures: Readonly<Record<string, number>>;
  readonly aim?: Aim;
  /** What the figure is limited by, as far as this very run shows it. */
  readonly limit?: string;
}

export interface BenchContext {
  readonly server: ServerKind;
  /** A tenth of the samples or so: shows that it works, not how fast. */
  readonly quick: boolean;
}

/** One measurement. What it does is always the same; only the times differ. It leaves nothing behind. */
export interface Bench {
  readonly name: string;
  /** What is measured from where to where, for the heading. */
  readonly measures: string;
  readonly run: (context: BenchContext) => Promise<readonly Row[]>;
}

/** One bench's table on one server. */
export interface Result {
  readonly bench: string;
  readonly measures: string;
  readonly server: ServerKind;
  readonly seconds: number;
  readonly rows: readonly Row[];
}
