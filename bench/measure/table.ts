import type { Result, Row } from "./bench.ts";

/** A result as people read it: heading, table, and a line for each missed aim. */
export function tableOf(result: Result): string {
  const figures = [...new Set(result.rows.flatMap(({ figures }) => Object.keys(figures)))];
  const head = ["", "n", ...figures, "aim", ""];
  const lines = [head, ...result.rows.map((row) => cellsOf(row, figures))];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const body = lines.map((line) => line.map((cell, column) => (column === 0 || column > figures.length + 1 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ").trimEnd());
  return [`${result.bench} (${result.server}, ${result.seconds.toFixed(0)} s): ${result.measures}`, ...body.map((line) => `  ${line}`), ...result.rows.flatMap(limitOf)].join("\n");
}

function cellsOf({ what, samples, figures, aim }: Row, columns: readonly string[]): readonly string[] {
  return [what, String(samples), ...columns.map((column) => shown(figures[column])), aim?.text ?? "", aim ? (aim.met ? "met" : "MISSED") : ""];
}

function limitOf({ what, limit }: Row): readonly string[] {
  return limit ? [`  ${what}: ${limit}`] : [];
}

/** Three digits that count. */
function shown(value: number | undefined): string {
  if (value === undefined) return "";
  if (!Number.isFinite(value)) return "-";
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return value.toFixed(size >= 100 ? 0 : size >= 10 ? 1 : 2);
}
