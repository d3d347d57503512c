import { planOf } from "./plan-of.ts";
import { run } from "./run.ts";
import { shrink } from "./shrink.ts";

/** What a person needs who has to understand a broken promise: the smallest plan that breaks it, and its trace, one line a step. Undefined when the seed breaks none. */
export async function reportOf(seed: number): Promise<string | undefined> {
  const verdict = await run(planOf(seed));
  if (!verdict.violation) return undefined;
  const { plan } = await shrink(verdict);
  const trace: string[] = [];
  const { violation } = await run(plan, (line) => trace.push(line));
  return [
    `seed ${seed}: ${violation?.invariant} is broken: ${violation?.what}`,
    "",
    `the smallest schedule that breaks it: ${plan.replicas.length} replica(s), ${plan.requests.length} alert(s) on ${plan.targets} target(s)`,
    ...plan.faults.map(({ name, step, nth, forMs }) => `  ${name} when a replica comes to step ${step} for the ${nth}. time, ${forMs.toFixed(0)} ms`),
    ...(plan.membership === "honest" ? [] : [`  what replicas are told of each other is ${plan.membership}`]),
    ...plan.replicas.flatMap(({ slowWatch }, at) => (slowWatch ? [`  replica-${at}: its watch of ${slowWatch.kind} is up to ${slowWatch.lagMs.toFixed(0)} ms late`] : [])),
    "",
    ...trace,
    "",
    `again: npm run simulate -- --replay ${seed}`,
  ].join("\n");
}
