import type { Plan } from "./plan.ts";
import { run, type Verdict } from "./run.ts";

/** Plays a plan to its end. */
export type Play = (plan: Plan) => Promise<Verdict>;

/** A smaller plan that breaks the same promise: whatever can be left out one by one is left out. */
export async function shrink(verdict: Verdict, play: Play = run): Promise<Verdict> {
  let smallest = verdict;
  for (let smaller = await firstSmaller(smallest, play); smaller; smaller = await firstSmaller(smallest, play)) smallest = smaller;
  return smallest;
}

async function firstSmaller({ plan, violation }: Verdict, play: Play): Promise<Verdict | undefined> {
  for (const candidate of smallerThan(plan)) {
    const verdict = await play(candidate);
    if (verdict.violation?.invariant === violation?.invariant) return verdict;
  }
  return undefined;
}

/** Plans with one thing less. */
function* smallerThan(plan: Plan): Generator<Plan> {
  for (const fault of plan.faults) yield { ...plan, faults: plan.faults.filter((other) => other !== fault) };
  for (const request of plan.requests) if (plan.requests.length > 1) yield { ...plan, requests: plan.requests.filter((other) => other !== request) };
  if (plan.membership !== "honest") yield { ...plan, membership: "honest" };
  if (plan.replicas.length > 1) yield { ...plan, replicas: plan.replicas.slice(0, -1) };
  for (const [at, replica] of plan.replicas.entries()) {
    if (replica.slowWatch) yield { ...plan, replicas: plan.replicas.with(at, { ...replica, slowWatch: undefined }) };
  }
  for (const [at, request] of plan.requests.entries()) {
    if (request.from === "new") yield { ...plan, requests: plan.requests.with(at, { ...request, from: "analysed" }) };
  }
}
