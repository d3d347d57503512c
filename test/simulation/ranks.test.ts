import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { lockKey, targetString } from "../../src/api/target.ts";
import { rankOf } from "../../src/controller/rank/rank.ts";
import { chanceOf, seeded } from "./chance.ts";
import { namesInFront } from "./forged-members.ts";
import { toldTo } from "./membership-told.ts";
import { MEMBERSHIPS, type Fault, type FaultName, type Membership, type Plan } from "./plan.ts";
import { PROTOCOL_STEPS } from "./protocol-step.ts";
import { run, MOST_WAIT_MS, type Verdict } from "./run.ts";
import { targetOf } from "./workload.ts";

/** When alerts come: all replicas have heard of each other by then. */
const KNOWN_MS = 2500;

interface Fleet {
  readonly seed: number;
  readonly replicas: number;
  readonly membership?: Membership;
  readonly targets: number;
  readonly alertsEach?: number;
  readonly apartMs?: number;
  readonly faults?: readonly Fault[];
}

/** A fleet in a quick network: what a target waits for longer than milliseconds, it waits for because of ranks. */
function planFor({ seed, replicas, membership = "honest", targets, alertsEach = 1, apartMs = 20, faults = [] }: Fleet): Plan {
  return {
    seed,
    replicas: Array.from({ length: replicas }, () => ({ requestMs: 2, answerMs: 2, lagMs: 5, slowWatch: undefined })),
    membership,
    targets,
    workflows: [{ runMs: 30, exitCode: 0, stopMs: 0 }, { runMs: 50, exitCode: 0, stopMs: 0 }],
    requests: Array.from({ length: targets * alertsEach }, (_, at) => ({ name: `rr-${at}`, target: at % targets, workflow: at % 2, atMs: KNOWN_MS + at * apartMs, from: "new" })),
    faults,
    faultsEndMs: 60_000,
  };
}

function fault(name: FaultName, step: Fault["step"], nth: number, forMs: number): Fault {
  return { name, step, nth, forMs, choice: 0.3 };
}

/** Breaks no promise, and lets no target wait too long. */
function assertPrompt({ plan, violation, longestWait: { ms, untilMs, what } }: Verdict): void {
  const world = `seed ${plan.seed}, ${plan.replicas.length} replicas, ${plan.membership}, ${plan.faults.map(({ name, step, nth }) => `${name}@${step}/${nth}`).join(" ")}`;
  assert.equal(violation, undefined, world);
  assert.ok(ms <= MOST_WAIT_MS, `${world}: a target waited ${ms.toFixed(0)} ms until at ${untilMs.toFixed(0)} ms ${what}`);
}

describe("who acts first is a guess, never a right: a target waits a second at most", () => {
  for (const [name, what] of [["crash-before", "dies before its request"], ["crash-after", "dies after its request"], ["stop-before", "is paused before its request"], ["stop-after", "is paused after its request"], ["stuck", "is stuck"]] as const) {
    it(`when the replica that is first ${what} at any step of the protocol and does not come back`, async (t) => {
      let fired = 0;
      let longestMs = 0;
      for (const step of PROTOCOL_STEPS) {
        for (const nth of [1, 4]) {
          const verdict = await run(planFor({ seed: step + nth, replicas: 3, targets: 6, faults: [fault(name, step, nth, 30_000)] }));
          assertPrompt(verdict);
          fired += verdict.fired.length;
          longestMs = Math.max(longestMs, verdict.longestWait.ms);
        }
      }
      assert.ok(fired >= 12 && longestMs > 250, `it hurt: ${fired} of them came about, the longest wait was ${longestMs.toFixed(0)} ms`);
      t.diagnostic(`${fired} came about, the longest wait was ${longestMs.toFixed(0)} ms`);
    });
  }

  for (const membership of MEMBERSHIPS) {
    it(`when what replicas are told of each other is ${membership}, with and without a death`, async (t) => {
      let longestMs = 0;
      for (let seed = 1; seed <= 3; seed++) {
        for (const targets of [1, 4]) {
          for (const faults of [[], [fault("crash-before", 3, seed, 30_000)]]) {
            const verdict = await run(planFor({ seed, replicas: 3, membership, targets, faults }));
            assertPrompt(verdict);
            longestMs = Math.max(longestMs, verdict.longestWait.ms);
          }
        }
      }
      t.diagnostic(`the longest wait was ${longestMs.toFixed(0)} ms`);
    });
  }

  it("when ten who never act keep their membership alive in front of everybody", async () => {
    const verdict = await run(planFor({ seed: 1, replicas: 3, membership: "crowd", targets: 1 }));
    assertPrompt(verdict);
    assert.ok(verdict.longestWait.ms > 800, "and it was waited for them");
  });

  it("when nine of ten die one after the other at the same step", async () => {
    for (const step of [1, 3, 7] as const) {
      const faults = Array.from({ length: 9 }, (_, at) => fault("crash-before", step, at + 1, 30_000));
      const verdict = await run(planFor({ seed: step, replicas: 10, targets: 1, faults }));
      assert.equal(verdict.fired.length, 9);
      assertPrompt(verdict);
    }
  });

  for (const membership of ["honest", "flapping"] as const) {
    it(`when ten replicas come and go during a storm and membership is ${membership}`, async (t) => {
      let [fired, longestMs] = [0, 0];
      for (let seed = 1; seed <= 3; seed++) {
        const chance = chanceOf(seeded(seed));
        const names = ["crash-before", "crash-after", "stop-before", "stop-after", "stuck"] as const;
        const faults = Array.from({ length: 14 }, () => fault(chance.one(names), chance.one(PROTOCOL_STEPS), chance.int(1, 30), chance.spread(50, 3000)));
        const verdict = await run(planFor({ seed, replicas: 10, membership, targets: 6, alertsEach: 3, apartMs: 100, faults }));
        assertPrompt(verdict);
        fired += verdict.fired.length;
        longestMs = Math.max(longestMs, verdict.longestWait.ms);
      }
      assert.ok(fired > 20, `${fired} came and went`);
      t.diagnostic(`${fired} came and went, the longest wait was ${longestMs.toFixed(0)} ms`);
    });
  }
});

describe("what replicas are told of each other", () => {
  const replicas = ["replica-0", "replica-1", "replica-2"];
  const key = lockKey(undefined, targetString(targetOf(0)));

  it("makes all of them the first in line where membership is hidden", () => {
    assert.deepEqual(replicas.map((replica) => rankOf(replica, toldTo(replica, { membership: "hidden", seed: 1 }, replicas) ?? replicas, key)), [0, 0, 0]);
  });

  it("makes none of them the first in line where a crowd is forged", () => {
    const members = [...replicas, ...namesInFront(10, replicas, 1)];
    assert.deepEqual(replicas.map((replica) => rankOf(replica, members, key) >= 10), [true, true, true]);
  });

  it("leaves out who is there and counts who is gone where it is stale", () => {
    assert.deepEqual(toldTo("replica-0", { membership: "stale", seed: 1 }, replicas), ["gone-0", "gone-1", "gone-2", "gone-3"]);
  });

  it("is another thing for each where it is contradicting", () => {
    const told = replicas.map((replica) => String(toldTo(replica, { membership: "contradicting", seed: 1 }, replicas)));
    assert.equal(new Set(told).size, 3);
  });
});
