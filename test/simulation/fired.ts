import { FAULTS, type FaultName } from "./plan.ts";
import type { ProtocolStep } from "./protocol-step.ts";

/** What is counted: each fault by its name, but what becomes of a read by itself. Who loses a read asks again; a write may have been done. */
export const ROWS = [...FAULTS, "read-lost", "read-refused"] as const;

export type Row = (typeof ROWS)[number];

/** A fault that came to something, and the step at which it struck. */
export interface Fired {
  readonly name: Row;
  readonly step: ProtocolStep;
}

/** Cells of the table that nothing can fill, by what the protocol is, and why. */
export const IMPOSSIBLE: readonly { readonly rows: readonly Row[]; readonly steps: readonly ProtocolStep[]; readonly why: string }[] = [
  { rows: ["read-lost", "read-refused"], steps: [4, 6, 8], why: "the step is one write; what it goes by was read before, or is in a cache" },
];

export function isImpossible(row: Row, step: ProtocolStep): boolean {
  return IMPOSSIBLE.some(({ rows, steps }) => rows.includes(row) && steps.includes(step));
}

/** As what a fault counts that strikes such a request. */
export function rowOf(name: FaultName, isWrite: boolean): Row {
  if (isWrite) return name;
  switch (name) {
    case "request-lost":
    case "request-reset":
    case "answer-lost":
    case "answer-reset":
      return "read-lost";
    case "429":
    case "500":
    case "503":
      return "read-refused";
    default:
      return name;
  }
}
