import type { FieldError } from "../ports.ts";
import { invalidOptions } from "../status-error.ts";

/** What a write asks for besides what it writes. */
export interface WriteOptions {
  /** Everything is checked and answered, nothing is stored. */
  readonly dryRun: boolean;
  /** What happens to fields that the kind does not have: refused, dropped with a warning, dropped. */
  readonly fieldValidation: "Strict" | "Warn" | "Ignore";
}

/** Reads the query of a write. `kind` is CreateOptions, UpdateOptions or PatchOptions; throws StatusError 422 for a value that is none. */
export function writeOptions(query: URLSearchParams, kind: string): WriteOptions {
  if (query.size === 0) return { dryRun: false, fieldValidation: "Warn" };
  const fieldValidation = query.get("fieldValidation") || "Warn";
  if (fieldValidation !== "Strict" && fieldValidation !== "Warn" && fieldValidation !== "Ignore") {
    throw invalidOptions(kind, [unsupported("fieldValidation", JSON.stringify(fieldValidation), ["", "Ignore", "Strict", "Warn"])]);
  }
  return { dryRun: dryRunOf(query.getAll("dryRun"), kind), fieldValidation };
}

/** Whether `dryRun=All` was said. Throws StatusError 422 for anything else. */
export function dryRunOf(values: readonly string[], kind: string): boolean {
  if (values.some((value) => value !== "All")) throw invalidOptions(kind, [unsupported("dryRun", JSON.stringify(values), ["All"])]);
  return values.length > 0;
}

/** An "Unsupported value" complaint as the API words it; `seen` is JSON text. */
export function unsupported(field: string, seen: string, supported: readonly string[]): FieldError {
  const list = supported.map((value) => JSON.stringify(value)).join(", ");
  return { reason: "FieldValueNotSupported", field, message: `Unsupported value: ${seen}: supported values: ${list}` };
}
