import type { Violation } from "./judge.ts";
import type { Plan } from "./plan.ts";
import { planOf } from "./plan-of.ts";
import { run } from "./run.ts";
import { shrink } from "./shrink.ts";

/** What a report tells. `trace`: one line a step; `renewals`: how many lines about renewed memberships are not in it. */
export interface Story {
  readonly seed: number;
  readonly plan: Plan;
  readonly violation: Violation;
  readonly trace: readonly string[];
  readonly renewals: number;
  /** The command that plays it again. */
  readonly again: string;
}

/** What a person needs who has to understand a broken promise: the smallest plan that breaks it, and its trace. Undefined when the seed breaks none. */
export async function reportOf(seed: number, again: string): Promise<string | undefined> {
  const verdict = await run(planOf(seed));
  if (!verdict.violation) return undefined;
  const { plan } = await shrink(verdict);
  const trace: string[] = [];
  let renewals = 0;
  const { violation = verdict.violation } = await run(plan, (line, isRenewal) => void (isRenewal ? renewals++ : trace.push(line)));
  return textOf({ seed, plan, violation, trace, renewals, again });
}

/** A report, as it is printed. Pure. */
export function textOf({ seed, plan, violation, trace, renewals, again }: Story): string {
  return [
    `seed ${seed}: ${violation.invariant} is broken: ${violation.what}`,
    "",
    ...scheduleOf(plan),
    "",
    `what happened${renewals > 0 ? ` (${renewals} lines left out: renewals of membership Leases)` : ""}:`,
    ...trace,
    "",
    `again: ${again}`,
  ].join("\n");
}

function scheduleOf({ replicas, requests, targets, faults, stop, membership }: Plan): readonly string[] {
  return [
    `the smallest schedule that breaks it: ${replicas.length} replica(s), ${requests.length} alert(s) on ${targets} target(s)`,
    ...faults.map(({ name, step, nth, forMs }) => `  ${name} when a replica comes to step ${step} for the ${nth}. time, ${forMs.toFixed(0)} ms`),
    ...(stop ? [`  workflows would run for hours, and each is stopped after ${stop.afterMs.toFixed(0)} ms: ${stop.by}`] : []),
    ...(membership === "honest" ? [] : [`  what replicas are told of each other is ${membership}`]),
    ...replicas.flatMap(({ slowWatch }, at) => (slowWatch ? [`  replica-${at}: its watch of ${slowWatch.kind} is up to ${slowWatch.lagMs.toFixed(0)} ms late`] : [])),
  ];
}
