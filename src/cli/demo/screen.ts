import type { RemediationRequest } from "../../api/remediation-request.ts";

/** Where the demo is told: a terminal, or a file in which nothing is drawn twice. */
export interface Screen {
  readonly redraws: boolean;
  write(text: string): void;
}

/** The given stream, redrawing only where it is a terminal. */
export function screenOn(stream: NodeJS.WriteStream): Screen {
  return { redraws: stream.isTTY, write: (text) => void stream.write(text) };
}

/** The heading of an act. */
export function heading(screen: Screen, number: number, text: string): void {
  screen.write(`\n${number}. ${text}\n${"-".repeat(text.length + 3)}\n`);
}

/** What was observed: it holds. */
export function observed(screen: Screen, text: string): void {
  screen.write(`   [ok] ${text}\n`);
}

/** Rows of RemediationRequests as `kubectl get rr` would show them. Pure. */
export function table(requests: readonly RemediationRequest[]): readonly string[] {
  const rows = requests.map(({ metadata, status }) => [
    metadata.name,
    status?.overallPhase ?? "",
    status?.completionStatus?.outcome ?? status?.routingStatus?.blockReason ?? "",
    status?.routingStatus?.blockingWorkflowExecution ?? status?.routingStatus?.deduplicatedByWE ?? status?.phaseProgress?.workflowExecutionRef?.name ?? "",
  ]);
  const all = [["REMEDIATION", "PHASE", "WHY / OUTCOME", "WORKFLOW"], ...rows];
  const widths = [0, 1, 2, 3].map((at) => Math.max(...all.map((row) => row[at]?.length ?? 0)));
  return all.map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join("  ").trimEnd());
}

/** How many are in which phase, in a line. Pure. */
export function summary(requests: readonly RemediationRequest[]): string {
  const counts = new Map<string, number>();
  for (const { status } of requests) {
    const word = status?.overallPhase === "Blocked" ? `Blocked/${status.routingStatus?.deduplicatedByWE ? "Covered" : (status.routingStatus?.blockReason ?? "")}` : (status?.overallPhase ?? "New");
    counts.set(word, (counts.get(word) ?? 0) + 1);
  }
  return [...counts].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([word, count]) => `${count} ${word}`).join(", ");
}

/** In a file, changes that follow each other within this span are one line. */
const QUIET_MS = 150;

/** A table that stands still on a terminal, and a few lines in a file. */
export class LiveTable {
  readonly #screen: Screen;
  readonly #startMs: number;
  readonly #now: () => number;
  #drawnLines = 0;
  #last = "";
  #writtenAtMs = Number.NEGATIVE_INFINITY;

  constructor(screen: Screen, now: () => number) {
    this.#screen = screen;
    this.#now = now;
    this.#startMs = now();
  }

  show(requests: readonly RemediationRequest[]): void {
    const nowMs = this.#now();
    const line = summary(requests);
    if (line === this.#last || (!this.#screen.redraws && nowMs - this.#writtenAtMs < QUIET_MS)) return;
    this.#last = line;
    this.#writtenAtMs = nowMs;
    const at = `${((nowMs - this.#startMs) / 1000).toFixed(2).padStart(6)} s`;
    if (!this.#screen.redraws) return this.#screen.write(`   ${at}  ${line}\n`);
    const lines = [...table(requests), `${at}  ${line}`].map((text) => `   ${text}`);
    const up = this.#drawnLines > 0 ? `\u001B[${this.#drawnLines}A\u001B[0J` : "";
    this.#screen.write(`${up}${lines.join("\n")}\n`);
    this.#drawnLines = lines.length;
  }

  /** In a file, the table as it stands at the end. */
  end(requests: readonly RemediationRequest[]): void {
    if (!this.#screen.redraws) this.#screen.write(`${table(requests).map((text) => `   ${text}`).join("\n")}\n`);
  }
}
