import type { Specimen } from "./specimen.ts";

/** One line of the table, for people who watch it grow. */
export function lineOf({ mutant, broken, runs, seconds, seed }: Specimen): string {
  const how = runs === undefined ? `${seconds.toFixed(1)} s` : `${runs} runs, ${seconds.toFixed(1)} s`;
  return `${mutant.id.padEnd(5)} ${broken.padEnd(7)} ${how.padStart(18)}  ${seed === undefined ? " ".repeat(9) : `seed ${seed}`.padEnd(9)} ${mutant.what}${mutant.by === "simulation" ? "" : ` (${mutant.by.test}: ${mutant.by.named})`}`;
}

/** The whole table, as Markdown. */
export function tableOf(specimens: readonly Specimen[]): string {
  const row = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const rows = specimens.map(({ mutant, broken, runs, seconds, seed }) =>
    row([mutant.id, mutant.what, broken, mutant.by === "simulation" ? "simulation" : `\`${mutant.by.test}\`: "${mutant.by.named}"`, runs === undefined ? "" : String(runs), seconds.toFixed(1), seed === undefined ? "" : String(seed)]),
  );
  return [row(["mutant", "what", "broken", "caught by", "runs", "seconds", "seed"]), row(Array.from({ length: 7 }, () => "---")), ...rows].join("\n");
}

const BEGIN = "<!-- from here: npm run zoo -- --table -->";
const END = "<!-- to here -->";

/** A document with the table in its place between two marks; a document without the marks is the table alone. */
export function withTable(document: string, table: string): string {
  const [begin, end] = [document.indexOf(BEGIN), document.indexOf(END)];
  if (begin < 0 || end < begin) return `${table}\n`;
  return `${document.slice(0, begin + BEGIN.length)}\n\n${table}\n\n${document.slice(end)}`;
}
