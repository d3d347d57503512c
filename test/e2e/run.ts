import { parseArgs } from "node:util";
import type { Verdict } from "./verdict.ts";
import { seededRandom } from "./random.ts";
import { stories } from "./stories.ts";
import type { Story } from "./story.ts";
import { tableOf } from "./table.ts";
import { startWorld, type World } from "./world.ts";

const { values: flags } = parseArgs({
  options: {
    launches: { type: "string", default: "300" },
    seed: { type: "string", default: String(Date.now() % 1_000_000) },
    only: { type: "string", default: "" },
  },
});

process.exitCode = await main(Number(flags.launches), Number(flags.seed), flags.only);

/** Tells the stories whose names contain `only`, one after the other on one world; the exit code. */
async function main(launches: number, seed: number, only: string): Promise<number> {
  const chosen = stories.filter(({ name }) => name.includes(only));
  if (chosen.length === 0 || !Number.isInteger(launches) || !Number.isInteger(seed)) {
    process.stderr.write(`--launches and --seed are whole numbers, and --only is a part of one of: ${stories.map(({ name }) => name).join(", ")}\n`);
    return 2;
  }
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => interrupted.abort());
  const verdicts: Verdict[] = [];
  {
    await using world = await startWorld();
    const shares = chosen.reduce((sum, { share }) => sum + share, 0);
    for (const story of chosen) {
      if (!interrupted.signal.aborted) verdicts.push(await tell(story, world, { seed, launches: Math.ceil((launches * story.share) / Math.max(shares, 1)), signal: interrupted.signal }));
    }
  }
  return summary(verdicts, seed, interrupted.signal.aborted);
}

async function tell(story: Story, world: World, { seed, launches, signal }: { readonly seed: number; readonly launches: number; readonly signal: AbortSignal }): Promise<Verdict> {
  process.stdout.write(`${story.name} ...\n`);
  const verdict = await story.tell({ world, random: seededRandom(seed), launches, signal });
  const { launches: made, seconds, wrong, notes } = verdict;
  process.stdout.write(`  ${wrong.length === 0 ? "passed" : "FAILED"}: ${made} launches in ${seconds.toFixed(0)} s\n`);
  for (const line of wrong) process.stdout.write(`  WRONG ${line}\n`);
  for (const line of notes) process.stdout.write(`  note: ${line}\n`);
  await world.clean();
  world.ledger.forget();
  return verdict;
}

function summary(verdicts: readonly Verdict[], seed: number, interrupted: boolean): number {
  const failed = verdicts.filter(({ wrong }) => wrong.length > 0).length;
  const contended = verdicts.reduce((sum, verdict) => sum + verdict.contended, 0);
  process.stdout.write(`\n${tableOf(verdicts)}\n\n${contended} contended launches, seed ${seed}${interrupted ? ", interrupted" : ""}\n${verdicts.length - failed} passed, ${failed} failed\n`);
  return failed > 0 || interrupted ? 1 : 0;
}
