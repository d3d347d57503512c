const PUT_IN = "test/zoo/put-in.ts";

/** What to type to play a seed again, from the root of the repository: with the mutant in it that this process has in it, if any. */
export function replayCommand(seed: number, { execArgv, env }: Pick<NodeJS.Process, "execArgv" | "env"> = process): string {
  const mutant = env["ZOO_MUTANT"];
  // The variable alone changes nothing.
  if (!mutant || !execArgv.some((arg) => arg.endsWith(PUT_IN))) return `npm run simulate -- --replay ${seed}`;
  return `ZOO_MUTANT=${mutant} node --import ./${PUT_IN} test/simulation/simulate.ts --replay ${seed}`;
}
