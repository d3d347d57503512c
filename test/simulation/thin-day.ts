import type { BadDay } from "./bad-day.ts";
import { chanceOf, hashOf, seeded, type Chance } from "./chance.ts";
import { FAULTS, type Fault, type FaultName } from "./plan.ts";
import type { ProtocolStep } from "./protocol-step.ts";

/** Watches are chosen by a number: this is the one of executions. */
const EXECUTIONS = 0.2;
const OF_WRITES = ["crash-after", "crash-late", "request-twice", "500-landed", "request-lost", "request-reset", "answer-lost", "answer-reset", "429", "500", "503"] as const satisfies readonly FaultName[];
const OF_READS = ["request-lost", "request-reset", "answer-lost", "answer-reset", "429", "500", "503"] as const satisfies readonly FaultName[];

/**
 * One seed in eight is a day that leads to where chance hardly ever comes, and has something go wrong there: without them some cells of the
 * table would stay empty. Undefined on all others. Drawn by themselves, so that they move nothing in the plans of other seeds.
 */
export function thinDay(seed: number): BadDay | undefined {
  const chance = chanceOf(seeded(hashOf(seed, "thin day")));
  const days: readonly [ofHundred: number, day: (chance: Chance) => BadDay][] = [[4, secondExecution], [3, claimInVain], [2, ownerGone], [3, lostRead]];
  let draw = chance.between(0, 100);
  return days.find(([ofHundred]) => (draw -= ofHundred) < 0)?.[1](chance);
}

/** Who claims the target next does not see the execution of him whose Lease was deleted: step 6 has to choose between two. */
function secondExecution(chance: Chance): BadDay {
  const name = chance.is(0.1) ? "retention" : chance.one(FAULTS);
  return {
    faults: [
      // Somebody has to have ended by then.
      ...(name === "retention" ? [fault("request-cancelled", 1, 1, 10, chance)] : []),
      fault("lease-deleted", 3, 1, 10, chance),
      fault("watch-late", 3, 1, chance.spread(20, 500), chance, EXECUTIONS),
      fault(name, 6, 1, chance.spread(10, 20_000), chance),
      fault(chance.one(FAULTS), 6, chance.int(1, 2), chance.spread(10, 20_000), chance),
    ],
    replicas: name === "retention" ? 1 : chance.int(1, 2),
    requests: name === "retention" ? 4 : chance.int(3, 4),
  };
}

/** Who claims the target next sees that execution, and gives his claim back: step 2 is a write. */
function claimInVain(chance: Chance): BadDay {
  const name = chance.one<FaultName>([...OF_WRITES, "lease-deleted"]);
  // Who is to delete it has to be quicker than he who gives it back.
  const choice = name === "lease-deleted" ? chance.between(0, 0.1) : chance.between(0.5, 1);
  return {
    faults: [fault("lease-deleted", chance.one<ProtocolStep>([5, 7, 8]), 1, 10, chance), fault(name, 2, 1, chance.spread(10, 20_000), chance, choice)],
    replicas: chance.int(1, 2),
    requests: chance.int(2, 4),
  };
}

/** An execution of somebody who is gone is fenced: step 5 is a write. */
function ownerGone(chance: Chance): BadDay {
  return {
    faults: [fault("request-deleted", 4, 1, 10, chance), fault(chance.one(OF_WRITES), 5, 1, chance.spread(10, 20_000), chance, chance.between(0.5, 1))],
    replicas: chance.int(1, 2),
    requests: chance.int(1, 3),
  };
}

/** Where several replicas do the same at once, one looks at what another one has made: steps 3 and 7 are reads. */
function lostRead(chance: Chance): BadDay {
  return { faults: [fault(chance.one(OF_READS), chance.one<ProtocolStep>([3, 7]), 1, chance.spread(10, 20_000), chance, chance.between(0, 0.5))], replicas: 3, requests: chance.int(2, 4) };
}

function fault(name: FaultName, step: ProtocolStep, nth: number, forMs: number, chance: Chance, choice = chance.between(0, 1)): Fault {
  return { name, step, nth, forMs, choice };
}
