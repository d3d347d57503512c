import { badDay, type BadDay } from "./bad-day.ts";
import { chanceOf, hashOf, seeded, type Chance } from "./chance.ts";
import { withLongRuns } from "./long-day.ts";
import { FAULTS, MEMBERSHIPS, type DrawnPlan, type Fault, type FaultName, type Plan, type PlannedReplica, type PlannedRequest, type PlannedWorkflow } from "./plan.ts";
import { thinDay } from "./thin-day.ts";
import { PROTOCOL_STEPS, type ProtocolStep } from "./protocol-step.ts";
import { ANALYSIS_VERDICTS } from "./workload.ts";

/** Kinds whose watches may lag on their own. */
const WATCHED = ["remediationrequests", "workflowexecutions", "aianalyses", "leases", "jobs", "effectivenessassessments"];
const HOUR_MS = 3_600_000;

/** The plan that a seed stands for: the same plan for the same seed, for ever. */
export function planOf(seed: number): Plan {
  const plan = withLongRuns(withSickness(planned(seed)), (chance) => [fault(chance, 10)]);
  return { ...plan, faultsEndMs: plan.faults.some(({ forMs }) => forMs > 600_000) ? 2 * HOUR_MS : 60_000 };
}

/** Some targets stay sick, and some analyses come to something else than a workflow. Drawn apart: everything else of a seed stays as it is. */
function withSickness(plan: DrawnPlan): DrawnPlan {
  const chance = chanceOf(seeded(hashOf(plan.seed, "sickness")));
  const sick = chance.is(0.1) ? [chance.int(0, plan.targets - 1)] : [];
  return chance.is(0.1) ? { ...plan, sick, requests: plan.requests.map((request) => (chance.is(0.5) ? { ...request, verdict: chance.one(ANALYSIS_VERDICTS) } : request)) } : { ...plan, sick };
}

function planned(seed: number): DrawnPlan {
  const chance = chanceOf(seeded(seed));
  const bad = thinDay(seed) ?? (chance.is(0.3) ? badDay(chance) : undefined);
  const targets = !bad && chance.is(0.2) ? 2 : 1;
  const workflows = Array.from({ length: chance.is(0.4) ? 1 : 2 }, () => workflow(chance));
  const requests = Array.from({ length: bad ? bad.requests : chance.is(0.1) ? chance.int(4, 6) : chance.int(1, 3) }, (_, at) => request(chance, at, targets, workflows.length));
  const faults = [...(bad?.faults ?? []), ...drawn(bad, chance)];
  return {
    seed,
    replicas: Array.from({ length: bad ? bad.replicas : chance.is(0.3) ? 3 : chance.int(1, 2) }, () => replica(chance, faults.length > 0)),
    membership: chance.is(0.2) ? chance.one(MEMBERSHIPS) : "honest",
    targets,
    workflows,
    requests,
    faults,
  };
}

function drawn(bad: BadDay | undefined, chance: Chance): readonly Fault[] {
  if (bad?.leadsTo !== undefined) return [fault(chance, bad.leadsTo)];
  const count = bad ? chance.int(0, 1) : chance.is(0.1) ? 0 : chance.int(1, 4);
  return Array.from({ length: count }, () => fault(chance, chance.one(PROTOCOL_STEPS))).flatMap((one) => [...leadingTo(one, chance), one]);
}

function workflow(chance: Chance): PlannedWorkflow {
  return { runMs: chance.spread(20, 5000), exitCode: chance.is(0.15) ? 1 : 0, stopMs: chance.is(0.5) ? 0 : chance.spread(10, 20_000) };
}

/** Most alerts of a storm come at once: that is when they meet. */
function request(chance: Chance, at: number, targets: number, workflows: number): PlannedRequest {
  return {
    name: `rr-${at}`,
    target: chance.int(0, targets - 1),
    workflow: chance.int(0, workflows - 1),
    atMs: chance.is(0.6) ? chance.between(0, 5) : chance.spread(1, 3000),
    from: chance.is(0.75) ? "analysed" : "new",
  };
}

function replica(chance: Chance, lagging: boolean): PlannedReplica {
  return {
    requestMs: chance.spread(0.5, 5),
    answerMs: chance.spread(0.5, 5),
    lagMs: chance.spread(1, 20),
    slowWatch: lagging && chance.is(0.25) ? { kind: chance.one(WATCHED), lagMs: chance.spread(50, 2000) } : undefined,
  };
}

function fault(chance: Chance, step: ProtocolStep): Fault {
  const name = chance.one(FAULTS);
  return { name, step, nth: chance.is(0.6) ? 1 : chance.int(1, 6), forMs: durationMs(chance, name), choice: chance.between(0, 1) };
}

/** Steps that no good day comes to need something to go wrong before. */
function leadingTo({ step }: Fault, chance: Chance): readonly Fault[] {
  const before = (name: FaultName, at: Fault["step"]): Fault => ({ name, step: at, nth: chance.int(1, 2), forMs: 10, choice: chance.between(0, 1) });
  switch (step) {
    case 5:
      return chance.is(0.5) ? [before("request-deleted", 4)] : [];
    case 6:
      return [before("lease-deleted", chance.one([3, 4, 5]))];
    case 10:
      return [before(chance.one(["execution-deleted", "request-deleted"]), chance.one([7, 8]))];
    default:
      return [];
  }
}

function durationMs(chance: Chance, name: FaultName): number {
  switch (name) {
    case "stop-before":
    case "stop-after":
      return chance.is(0.01) ? chance.spread(600_000, HOUR_MS) : chance.spread(10, 30_000);
    case "clock-jump":
      return (chance.is(0.5) ? 1 : -1) * chance.spread(100, 24 * HOUR_MS);
    case "watch-late":
      return chance.spread(20, 2000);
    default:
      return chance.spread(10, 20_000);
  }
}
