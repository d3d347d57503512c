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
