import { relative } from "node:path";
import { inspect } from "node:util";
import type { TestEvent } from "node:test/reporters";

/** Quiet while all is well: failures in full, figures that tests report, and one closing line. */
export default async function* report(source: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  let passed = 0;
  let failed = 0;
  let skipped = 0;
  for await (const event of source) {
    if (event.type === "test:coverage") yield* coverage(event.data.summary);
    if (event.type === "test:stderr") yield event.data.message;
    if (event.type === "test:diagnostic" && event.data.nesting > 0) yield `   ${event.data.message}\n`;
    if (event.type !== "test:pass" && event.type !== "test:fail") continue;
    const { name, file, line, details } = event.data;
    const failure = event.type === "test:fail" ? event.data.details.error : undefined;
    // A suite fails because a test in it did, which was told already; only its own failure (a hook's) is news.
    if (details.type === "suite" && (!failure || ("failureType" in failure && failure.failureType === "subtestsFailed"))) continue;
    if (event.data.skip !== undefined) skipped++;
    else if (failure) failed++;
    else passed++;
    if (failure) yield `\nFAILED ${name} (${file ? relative(process.cwd(), file) : ""}:${line ?? ""})\n${inspect(failure.cause ?? failure)}\n`;
  }
  yield `${passed} passed, ${failed} failed, ${skipped} skipped\n`;
}

type CoverageSummary = Extract<TestEvent, { type: "test:coverage" }>["data"]["summary"];

/** Lines and branches of each file that was asked for, and of all of them. */
function* coverage({ files, totals, workingDirectory }: CoverageSummary): Generator<string> {
  const row = (name: string, { coveredLinePercent, coveredBranchPercent }: typeof totals): string =>
    `${name.padEnd(52)} ${coveredLinePercent.toFixed(1).padStart(6)} % lines ${coveredBranchPercent.toFixed(1).padStart(6)} % branches\n`;
  for (const file of files) yield row(relative(workingDirectory, file.path), file);
  yield row("all of them", totals);
}
