import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { endWith, positiveNumber, UsageError, wholeNumber } from "../support/command-line.ts";
import { hunting } from "./hunting.ts";
import type { Mutant } from "./mutant.ts";
import { mutants } from "./mutants.ts";
import { specimenOf, type Specimen } from "./specimen.ts";
import { lineOf, tableOf, withTable } from "./table.ts";

const HELP = `Puts one known bug after the other into the source as it is loaded; each has to be caught.

  npm run zoo                           all of them
  npm run zoo -- --only Z5a,Z6          these alone, Z5 meaning all of its variants
  npm run zoo -- --seconds 60           how long to look for each, in seconds of processor time
  npm run zoo -- --seed 1 --json F      from that seed on; the results also as JSON

  --at-once N     how many processes (default: 2)
  --sane N        first plays the source as it is for so many seconds (default: 20; 0: not at all)
  --table F       writes the table into this file as well: between its marks, where it has them (docs/zoo.md)

To see what a mutant does:  ZOO_MUTANT=Z6 node --import ./test/zoo/put-in.ts test/simulation/simulate.ts --replay SEED

Exit codes: 0 all were caught, 1 one survived, 2 the command line makes no sense.`;

interface Options {
  readonly seed: number;
  readonly seconds: number;
  readonly sane: number;
  readonly atOnce: number;
  readonly only: readonly Mutant[];
  readonly json: string | undefined;
  readonly table: string | undefined;
}

async function zoo(options: Options): Promise<number> {
  const { seed, seconds, sane, only, json, table } = options;
  if (!(await isSane(seed, sane))) return 1;
  const specimens = await inOrder(only, options, (mutant) => specimenOf(mutant, { seed, seconds }));
  const survivors = specimens.filter(({ caught }) => !caught);
  const text = tableOf(specimens);
  say(`\n${text}\n`);
  if (table !== undefined) writeFileSync(table, withTable(existsSync(table) ? readFileSync(table, "utf8") : "", text));
  if (json !== undefined) writeFileSync(json, `${JSON.stringify(specimens.map(plain), undefined, 1)}\n`);
  say(`${specimens.length - survivors.length} passed, ${survivors.length} failed`);
  return survivors.length === 0 ? 0 : 1;
}

/** Nothing may break without a mutant, or nothing that breaks with one says anything. */
async function isSane(seed: number, seconds: number): Promise<boolean> {
  if (seconds === 0) return true;
  const { found, runs } = await hunting(undefined, { seed, seconds, breaks: [] });
  say(found ? `without a mutant seed ${found.seed} breaks ${found.broken}: ${found.what}` : `without a mutant: ${runs} runs from seed ${seed} break nothing`);
  return !found;
}

/** Looks at each, some at once, and tells of each as it is done. The results are in the order of the mutants. */
async function inOrder(these: readonly Mutant[], { atOnce }: Options, look: (mutant: Mutant) => Promise<Specimen>): Promise<readonly Specimen[]> {
  const done = new Map<Mutant, Specimen>();
  const left = these.values();
  const work = async (): Promise<void> => {
    for (const mutant of left) {
      const specimen = await look(mutant);
      done.set(mutant, specimen);
      say(lineOf(specimen));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return these.flatMap((mutant) => done.get(mutant) ?? []);
}

function plain({ mutant, ...rest }: Specimen) {
  return { id: mutant.id, what: mutant.what, by: mutant.by, ...rest };
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function optionsOf(): Options | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { only: text, seconds: text, seed: text, json: text, table: text, sane: text, "at-once": text, help: { type: "boolean" } } });
  if (values.help) return undefined;
  return {
    seed: wholeNumber("--seed", values.seed ?? "1"),
    seconds: positiveNumber("--seconds", values.seconds ?? "60"),
    sane: wholeNumber("--sane", values.sane ?? "20"),
    atOnce: wholeNumber("--at-once", values["at-once"] ?? "2", 1),
    only: values.only === undefined ? mutants : values.only.split(",").flatMap(named),
    json: values.json,
    table: values.table,
  };
}

/** A mutant, or all variants of one. */
function named(id: string): readonly Mutant[] {
  const these = mutants.filter((mutant) => mutant.id === id || mutant.id.replace(/[a-z]$/, "") === id);
  if (these.length === 0) throw new UsageError(`--only: no mutant is called ${id}`);
  return these;
}

await endWith(async () => {
  const options = optionsOf();
  if (options) return zoo(options);
  say(HELP);
  return 0;
});
