import { parseArgs } from "node:util";
import { endWith, UsageError, wholeNumber } from "../support/command-line.ts";
import { keepEvidence } from "./evidence-folder.ts";
import { seededRandom } from "./random.ts";
import { stories } from "./stories.ts";
import type { Story } from "./story.ts";
import { tableOf } from "./table.ts";
import type { Verdict } from "./verdict.ts";
import { startWorld, type World } from "./world.ts";

const HELP = `Breaks three replicas on a real control plane in every way there is a story of, and judges what was seen.

  npm run test:e2e                              every story, with 300 contended launches at least
  npm run test:e2e -- --launches 10000          with so many, all stories together; each fault happens a few times at least
  npm run test:e2e -- --only "each step"        those stories whose name contains this
  npm run test:e2e -- --seed 7                  with the faults, moments and victims of that seed (default: made up; it is printed)
  npm run test:e2e -- --evidence FOLDER         keeps there what was seen of each story: its changes, its ledger, the logs

Stories: ${stories.map(({ name }) => name).join("; ")}.

Needs Go once, to build the control plane, and faketime. Ctrl-C ends it early, with the table of the stories so far.

Exit codes: 0 every story passed, 1 one failed or it was interrupted, 2 the command line makes no sense.`;

/** How many of the things that are wrong are printed of one story. */
const SHOWN = 20;

interface Order {
  readonly launches: number;
  readonly seed: number;
  readonly stories: readonly Story[];
  readonly evidence: string | undefined;
}

await endWith(async () => {
  const order = orderOf();
  if (!order) {
    console.log(HELP);
    return 0;
  }
  const { code, interrupted } = await main(order);
  // Whoever was in the middle of something still waits for a world that is gone.
  if (interrupted) process.exit(code);
  return code;
});

/** Undefined when only help was asked for. */
function orderOf(): Order | undefined {
  const text = { type: "string" } as const;
  const { values } = parseArgs({ options: { launches: text, seed: text, only: text, evidence: text, help: { type: "boolean" } } });
  if (values.help) return undefined;
  return {
    launches: wholeNumber("--launches", values.launches ?? "300", 1),
    seed: wholeNumber("--seed", values.seed ?? String(Date.now() % 1_000_000)),
    stories: named(values.only ?? ""),
    evidence: values.evidence,
  };
}

function named(part: string): readonly Story[] {
  const these = stories.filter(({ name }) => name.includes(part));
  if (these.length === 0) throw new UsageError(`--only: no story's name contains ${JSON.stringify(part)}`);
  return these;
}

/** Tells the stories one after the other on one world, which is gone when this resolves; where it was not there yet, it goes with this process. */
async function main(order: Order): Promise<{ readonly code: number; readonly interrupted: boolean }> {
  const interrupted = new AbortController();
  // The second time somebody means it: processes and files go with this one.
  const interrupt = (): void => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<"interrupted">();
  interrupted.signal.addEventListener("abort", () => abandon("interrupted"));
  const verdicts: Verdict[] = [];
  const started = await Promise.race([startWorld(), abandoned]);
  if (started === "interrupted") return { code: summary(verdicts, order.seed, true), interrupted: true };
  await using world = started;
  const how = await Promise.race([tellAll(order, world, verdicts, interrupted.signal), abandoned]);
  return { code: summary(verdicts, order.seed, how === "interrupted"), interrupted: how === "interrupted" };
}

async function tellAll(order: Order, world: World, verdicts: Verdict[], signal: AbortSignal): Promise<"told"> {
  const shares = order.stories.reduce((sum, { share }) => sum + share, 0);
  try {
    for (const story of order.stories) {
      process.stdout.write(`${story.name} ...\n`);
      const launches = Math.ceil((order.launches * story.share) / Math.max(shares, 1));
      const verdict = await story.tell({ world, random: seededRandom(order.seed), launches, signal });
      report(verdict);
      if (order.evidence !== undefined) keepEvidence(order.evidence, world, verdict);
      verdicts.push(verdict);
      const stuck = (await world.clean()).map((what) => `not to be removed: ${what}`);
      tellWrong(stuck);
      verdicts.splice(-1, 1, { ...verdict, wrong: [...verdict.wrong, ...stuck] });
    }
  } catch (error) {
    // A world that is being taken down fails whoever is still in it.
    if (!signal.aborted) throw error;
  }
  return "told";
}

function report({ wrong, notes, launches, contended, seconds }: Verdict): void {
  process.stdout.write(`  ${wrong.length === 0 ? "passed" : "FAILED"}: ${launches} launches, ${contended} contended, in ${seconds.toFixed(0)} s\n`);
  tellWrong(wrong);
  for (const line of notes) process.stdout.write(`  note: ${line}\n`);
}

function tellWrong(wrong: readonly string[]): void {
  for (const line of wrong.slice(0, SHOWN)) process.stdout.write(`  WRONG ${line}\n`);
  if (wrong.length > SHOWN) process.stdout.write(`  ... and ${wrong.length - SHOWN} more\n`);
}

function summary(verdicts: readonly Verdict[], seed: number, interrupted: boolean): number {
  const failed = verdicts.filter(({ wrong }) => wrong.length > 0).length;
  const sum = (read: (verdict: Verdict) => number): number => verdicts.reduce((total, verdict) => total + read(verdict), 0);
  const rate = (count: number): string => ((60 * count) / Math.max(1, sum(({ seconds }) => seconds))).toFixed(0);
  const [launches, contended] = [sum((verdict) => verdict.launches), sum((verdict) => verdict.contended)];
  process.stdout.write(`\n${tableOf(verdicts)}\n\n${launches} launches, ${rate(launches)} a minute; ${contended} contended, ${rate(contended)} a minute; seed ${seed}${interrupted ? ", interrupted" : ""}\n${verdicts.length - failed} passed, ${failed} failed\n`);
  return failed > 0 || interrupted ? 1 : 0;
}
