import type { Verdict, Waits } from "./verdict.ts";

const HEAD = ["fault", "launches", "contended", "ran", "doubled", "lost", "fenced", "otherwise", "faults", "s", "recovery p50 ms", "p99", "max", "any moment p50 ms", "p99", "max"];

/** The verdicts as a table, one row a story and one for all of them. */
export function tableOf(verdicts: readonly Verdict[]): string {
  const rows = [HEAD, ...verdicts.map(rowOf), totals(verdicts)];
  const widths = HEAD.map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
  return rows.map((row) => row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join("  ")).join("\n");
}

function rowOf(verdict: Verdict): readonly string[] {
  const { story, launches, contended, ran, doubled, lost, fenced, otherwise, faults, seconds, recovery, anyMoment } = verdict;
  return [story, ...[launches, contended, ran, doubled, lost, fenced, otherwise, faults].map(String), seconds.toFixed(0), ...waits(recovery), ...waits(anyMoment)];
}

function totals(verdicts: readonly Verdict[]): readonly string[] {
  const sum = (read: (verdict: Verdict) => number): number => verdicts.reduce((total, verdict) => total + read(verdict), 0);
  const counted = [sum((v) => v.launches), sum((v) => v.contended), sum((v) => v.ran), sum((v) => v.doubled), sum((v) => v.lost), sum((v) => v.fenced), sum((v) => v.otherwise), sum((v) => v.faults)];
  return ["all", ...counted.map(String), sum((v) => v.seconds).toFixed(0), ...Array.from({ length: 6 }, () => "")];
}

function waits(seen: Waits | undefined): readonly string[] {
  return seen ? [seen.p50Ms, seen.p99Ms, seen.maxMs].map((ms) => ms.toFixed(0)) : ["-", "-", "-"];
}
