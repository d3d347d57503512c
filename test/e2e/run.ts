import { parseArgs } from "node:util";
import { keepEvidence } from "./evidence-folder.ts";
import { seededRandom } from "./random.ts";
import { stories } from "./stories.ts";
import type { Story } from "./story.ts";
import { tableOf } from "./table.ts";
import type { Verdict } from "./verdict.ts";
import { startWorld, type World } from "./world.ts";

const USAGE = `npm run test:e2e -- [--launches N] [--seed S] [--only NAME] [--evidence FOLDER]
  --launches   contended launches under faults, all stories together (default 300); each fault happens a few times at least
  --seed       chooses faults, moments and victims (default: made up; it is printed)
  --only       stories whose name contains this: ${stories.map(({ name }) => name).join(", ")}
  --evidence   a folder for what was seen of each story: its changes, its ledger, the logs
`;

/** How many of the things that are wrong are printed of one story. */
const SHOWN = 20;

interface Order {
  readonly launches: number;
  readonly seed: number;
  readonly stories: readonly Story[];
  readonly evidence: string | undefined;
}

const order = orderOf(process.argv.slice(2));
if (order) {
  const { code, interrupted } = await main(order);
  process.exitCode = code;
  // Whoever was in the middle of something still waits for a world that is gone.
  if (interrupted) process.exit();
} else {
  process.stderr.write(USAGE);
  process.exitCode = 2;
}

/** Undefined when the arguments make no sense. */
function orderOf(args: readonly string[]): Order | undefined {
  try {
    const options = { launches: { type: "string", default: "300" }, seed: { type: "string", default: String(Date.now() % 1_000_000) }, only: { type: "string", default: "" }, evidence: { type: "string" } } as const;
    const { launches, seed, only, evidence } = parseArgs({ args: [...args], options }).values;
    const chosen = stories.filter(({ name }) => name.includes(only));
    if (chosen.length === 0 || !/^\d+$/.test(launches) || !/^\d+$/.test(seed)) return undefined;
    return { launches: Number(launches), seed: Number(seed), stories: chosen, evidence };
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Tells the stories one after the other on one world, which is gone when this resolves. */
async function main(order: Order): Promise<{ readonly code: number; readonly interrupted: boolean }> {
  const interrupted = new AbortController();
  // The second time somebody means it: processes and files go with this one.
  const interrupt = (): void => (interrupted.signal.aborted ? process.exit(130) : interrupted.abort());
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, interrupt);
  const { promise: abandoned, resolve: abandon } = Promise.withResolvers<"interrupted">();
  interrupted.signal.addEventListener("abort", () => abandon("interrupted"));
  const verdicts: Verdict[] = [];
  await using world = await startWorld();
  if (interrupted.signal.aborted) abandon("interrupted");
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
