import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { AroundWrite } from "../proxy.ts";
import type { Replica } from "../replica.ts";
import { STEPS, type Step } from "../write-step.ts";

/** When a replica dies, seen from its write: before it has left, after it has landed, or while it is on its way and lands late. */
const MOMENTS = ["before", "after", "late"] as const;
type Moment = (typeof MOMENTS)[number];

/** How long a write may be on its way after its sender has died. */
const LATE_MS = { least: 300, most: 2000 };
/** A step that nobody takes in this time is not waited for any longer: the story goes on, and the next turn tries again. */
const STEP_WITHIN_MS = 15_000;

/** kill -9 of any replica at any moment. */
export const killAtRandom: Fault = {
  name: "kill -9 at random",
  share: 2,
  times: 6,
  async strike(harm) {
    const { world, random } = harm;
    await sleep(random.between(100, 2500));
    const replica = random.pick(world.replicas);
    harm.mark();
    await replica.kill();
    await sleep(random.between(0, 1000));
    await replica.ready();
  },
};

/** kill -9 at every write of the protocol: before it reaches the server, after it has landed, and with the write landing after the death. */
export const killAtStep: Fault = {
  name: "kill -9 at each step",
  share: 3,
  times: STEPS.length * MOMENTS.length,
  async strike(harm, turn) {
    const step = STEPS[turn % STEPS.length] ?? "create WFE";
    const moment = MOMENTS[Math.floor(turn / STEPS.length) % MOMENTS.length] ?? "before";
    const victim = await killedAt(harm, step, moment);
    // It comes back while the next one is being killed; the other two are there.
    victim?.start();
    await Promise.all(harm.world.replicas.filter((replica) => replica !== victim).map((replica) => replica.ready()));
  },
};

/** Kills whichever replica takes the step first; undefined when none did in time. */
async function killedAt(harm: Harm, step: Step, moment: Moment): Promise<Replica | undefined> {
  const { world, random } = harm;
  const { promise, resolve } = Promise.withResolvers<Replica | undefined>();
  let taken = false;
  const around = (replica: Replica): AroundWrite => async (write, send) => {
    if (taken || write.step !== step) return send();
    taken = true;
    if (moment === "after") await send();
    harm.mark();
    await replica.kill();
    resolve(replica);
    if (moment === "late") {
      await sleep(random.between(LATE_MS.least, LATE_MS.most));
      await send();
    }
    return undefined;
  };
  for (const replica of world.replicas) replica.proxy.aroundWrite = around(replica);
  const giveUp = setTimeout(() => resolve(undefined), STEP_WITHIN_MS);
  const victim = await promise;
  clearTimeout(giveUp);
  for (const replica of world.replicas) replica.proxy.aroundWrite = undefined;
  return victim;
}
