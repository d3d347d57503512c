import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import { killOf, MOMENTS, type Kill } from "../kills.ts";
import type { Answer, AroundWrite } from "../proxy.ts";
import type { Replica } from "../replica.ts";
import { STEPS } from "../write-step.ts";

/** How long a write may be on its way after its sender has died. */
const LATE_MS = { least: 20, most: 2000 };
/** How often a kill is tried in one turn: where somebody else did the step meanwhile and the late write was refused, the next one is late by a fourth of that. */
const TRIES = 4;
/** A step that nobody takes in this time is not waited for any longer. If it is never taken in a whole story, that fails. */
const STEP_WITHIN_MS = 15_000;
const LOOK_MS = 50;

/** kill -9 of any replica at any moment. */
export const killAtRandom: Fault = {
  name: "kill -9 at random",
  share: 2,
  times: 6,
  async strike(harm) {
    const { world, random } = harm;
    await sleep(random.between(100, 2500));
    const replica = random.pick(world.replicas);
    const at = harm.moment();
    if (await replica.kill()) harm.mark(at);
    await sleep(random.between(0, 1000));
    await replica.ready();
  },
};

/** kill -9 at every write of a launch and its end: before it reaches the server, after it has landed, and with the write landing after the death. */
export const killAtStep: Fault = {
  name: "kill -9 at each step",
  share: 3,
  times: STEPS.length * MOMENTS.length,
  killsAtEachStep: true,
  async strike(harm, turn) {
    const kill = killOf(turn);
    for (let attempt = 0; attempt < TRIES && !harm.signal.aborted; attempt++) {
      const { victim, hit } = await killedAt(harm, kill, harm.random.between(LATE_MS.least, Math.floor(LATE_MS.most / 4 ** attempt)));
      // It comes back while the next one is being killed; the other two are there.
      victim?.start();
      await Promise.all(harm.world.replicas.filter((replica) => replica !== victim).map((replica) => replica.ready()));
      if (hit) return;
    }
  },
};

interface Killed {
  /** Undefined when nobody took the step in time. */
  readonly victim?: Replica;
  /** Whether its write did what it is killed for: where it is to land, the server took it. */
  readonly hit: boolean;
}

/** Kills whichever replica takes the step first. */
async function killedAt(harm: Harm, kill: Kill, lateMs: number): Promise<Killed> {
  const { replicas } = harm.world;
  const { promise, resolve } = Promise.withResolvers<Killed>();
  let taken = false;
  const around = (replica: Replica): AroundWrite => async (write, send) => {
    if (taken || write.step !== kill.step) return send();
    taken = true;
    const answer = kill.moment === "after" ? await answerTo(send) : undefined;
    const at = harm.moment();
    if ((kill.moment === "after" && !landed(answer)) || !(await replica.kill())) {
      // The step was not taken, or somebody else kills this one: the next one's turn.
      taken = false;
      return answer;
    }
    harm.mark(at);
    const hit = kill.moment !== "late" || landed(await sleep(lateMs).then(() => answerTo(send)));
    harm.killed(hit ? kill : { ...kill, refused: true });
    resolve({ victim: replica, hit });
    return undefined;
  };
  for (const replica of replicas) replica.proxy.aroundWrite = around(replica);
  const deadline = performance.now() + STEP_WITHIN_MS;
  const giveUp = setInterval(() => void (!taken && performance.now() > deadline && resolve({ hit: false })), LOOK_MS);
  const killed = await promise;
  clearInterval(giveUp);
  for (const replica of replicas) replica.proxy.aroundWrite = undefined;
  return killed;
}

/** Undefined when the server did not answer. */
function answerTo(send: () => Promise<Answer>): Promise<Answer | undefined> {
  return send().catch(() => undefined);
}

function landed(answer: Answer | undefined): boolean {
  return answer !== undefined && answer.status < 300;
}
