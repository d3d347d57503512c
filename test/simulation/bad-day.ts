import type { Chance } from "./chance.ts";
import type { Fault, FaultName } from "./plan.ts";
import type { ProtocolStep } from "./protocol-step.ts";

/** Faults that only together come to something, and the least world in which they do. */
export interface BadDay {
  readonly faults: readonly Fault[];
  readonly replicas: number;
  readonly requests: number;
  /** A step that hardly any other day comes to: something more goes wrong at it. */
  readonly leadsTo?: ProtocolStep;
}

/** Watches are chosen by a number: this is the one of executions. */
const EXECUTIONS = 0.2;
const BACKGROUND = 0.2;

/** One of the days on which several things go wrong that belong together: chance alone would hardly ever bring them about. */
export function badDay(chance: Chance): BadDay {
  return chance.one([bornUnnamed, twoAtOnce, fencedUnseen, createdTwice, jobReplaced, jobGoneAtWork, lateRelease, lastOfItsName])(chance);
}

/** An execution is born whose owner does not get to name it, and loses the claim meanwhile. */
function bornUnnamed(chance: Chance): BadDay {
  const [step, name] = chance.one<readonly [ProtocolStep, FaultName]>([[3, "answer-lost"], [3, "answer-reset"], [3, "500-landed"], [3, "crash-after"], [4, "crash-before"], [4, "request-reset"], [4, "503"], [4, "stop-before"], [4, "500"]]);
  return {
    faults: [
      // Who comes next does not see it yet.
      ...(chance.is(0.7) ? [fault("watch-late", 3, 1, chance.spread(100, 2000), chance, EXECUTIONS)] : []),
      fault("lease-deleted", step, 1, 10, chance),
      ofWrite(fault(name, step, 1, chance.spread(100, 5000), chance)),
    ],
    replicas: chance.is(0.25) ? 1 : 2,
    requests: chance.is(0.25) ? 2 : 3,
  };
}

/** Two executions on a target, of which one comes while the other is about to run. */
function twoAtOnce(chance: Chance): BadDay {
  const slow = chance.one<FaultName>(["answer-late", "stop-before", "stop-after", "crash-late", "500", "503", "429"]);
  return {
    faults: [
      fault("lease-deleted", chance.one<ProtocolStep>([3, 4, 4, 5]), chance.int(1, 2), 10, chance),
      fault(slow, chance.one<ProtocolStep>([5, 6, 7]), chance.int(1, 3), chance.is(0.3) ? chance.spread(500, 20_000) : chance.spread(5, 500), chance),
      ...(chance.is(0.7) ? [fault("watch-late", 3, 1, chance.spread(20, 500), chance, EXECUTIONS)] : []),
    ],
    replicas: chance.int(1, 3),
    requests: chance.int(2, 3),
    leadsTo: 6,
  };
}

/** An execution is fenced while one replica is about to launch it once more and the other, which has named it, does not see it yet. */
function fencedUnseen(chance: Chance): BadDay {
  return {
    faults: [
      fault("watch-late", 3, 1, chance.spread(500, 2000), chance, EXECUTIONS),
      fault("lease-deleted", chance.one<ProtocolStep>([3, 4]), chance.int(1, 2), 10, chance),
      fault("stop-before", chance.one<ProtocolStep>([3, 6]), chance.int(1, 3), chance.spread(100, 1000), chance),
    ],
    replicas: 2,
    requests: 3,
    leadsTo: 6,
  };
}

/** Something on the way sends a creation once more, after what it made is gone again, and while its owner does not look. */
function createdTwice(chance: Chance): BadDay {
  return {
    faults: [
      fault("request-twice", chance.one<ProtocolStep>([1, 3, 3]), 1, chance.spread(50, 5000), chance),
      fault("execution-deleted", chance.one<ProtocolStep>([7, 8]), 1, 10, chance),
      fault(chance.one<FaultName>(["request-lost", "answer-lost", "429", "500"]), 0, chance.int(2, 8), 10, chance),
    ],
    replicas: 1,
    requests: chance.int(1, 2),
  };
}

/** A Job is taken away before it was resumed, and is created once more under its name. */
function jobReplaced(chance: Chance): BadDay {
  const againMs = chance.spread(10, 2000);
  return {
    faults: [fault("request-twice", 7, 1, againMs, chance), fault("job-deleted", 8, 1, 10, chance, BACKGROUND), fault("stop-before", 8, 1, againMs * chance.between(0.5, 3), chance)],
    replicas: chance.int(1, 2),
    requests: chance.int(1, 2),
  };
}

/** A Job is taken away while its pod is at work, which stops in its own time, and others wait for the target. */
function jobGoneAtWork(chance: Chance): BadDay {
  const looks = chance.one<ProtocolStep>([0, 1]);
  return { faults: [fault("job-deleted", looks, chance.int(3, 12), 10, chance, BACKGROUND)], replicas: chance.int(1, 2), requests: chance.int(2, 4) };
}

/** A claim is given back by somebody who is slow, to a line of others. */
function lateRelease(chance: Chance): BadDay {
  const slow = chance.one<FaultName>(["crash-late", "stop-before", "stop-before", "answer-late"]);
  return { faults: [fault(slow, 11, chance.int(1, 4), chance.spread(50, 5000), chance), ...(chance.is(0.3) ? [fault(slow, 2, 1, chance.spread(50, 2000), chance)] : [])], replicas: chance.int(2, 3), requests: chance.int(2, 4) };
}

/** The execution is gone and nobody tells its owner. */
function lastOfItsName(chance: Chance): BadDay {
  return { faults: [fault(chance.one<FaultName>(["execution-deleted", "job-deleted"]), chance.one<ProtocolStep>([8, 9]), 1, 10, chance, BACKGROUND), fault("watch-silent", 8, 1, chance.spread(100, 20_000), chance, EXECUTIONS)], replicas: chance.int(1, 2), requests: chance.int(1, 3) };
}

function fault(name: FaultName, step: ProtocolStep, nth: number, forMs: number, chance: Chance, choice = chance.between(0, 1)): Fault {
  return { name, step, nth, forMs, choice };
}

/** What strikes a request waits for a write. */
function ofWrite(one: Fault): Fault {
  return { ...one, choice: 0.5 + one.choice / 2 };
}
