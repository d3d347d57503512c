import { inspect } from "node:util";

/** The command line makes no sense. The message says what would. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/**
 * Runs a command. The process ends with the code that it resolves to, with 2 when the command line makes no sense, and with 1
 * and all that is known when anything else is thrown.
 */
export async function endWith(command: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await command();
  } catch (error) {
    const usage = isUsage(error);
    process.stderr.write(`${usage ? `${error.message}\n(--help shows what there is)` : inspect(error)}\n`);
    process.exitCode = usage ? 2 : 1;
  }
}

/** Ours, or what `parseArgs` throws. */
function isUsage(error: unknown): error is Error {
  if (error instanceof UsageError) return true;
  return error instanceof TypeError && "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_");
}

/** A flag's whole number. UsageError when it is none, or less than `least`. */
export function wholeNumber(flag: string, text: string, least = 0): number {
  const value = text.trim() === "" ? Number.NaN : Number(text);
  if (Number.isSafeInteger(value) && value >= least) return value;
  throw new UsageError(`${flag}: must be a whole number, ${least} or more (seen: ${JSON.stringify(text)})`);
}

/** A flag's number. UsageError when it is none, or not greater than 0. */
export function positiveNumber(flag: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`${flag}: must be a number greater than 0 (seen: ${JSON.stringify(text)})`);
}
