import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { AroundWrite } from "../proxy.ts";
import { killOf, MOMENTS, type Kill } from "../kills.ts";
import type { Replica } from "../replica.ts";
import { STEPS } from "../write-step.ts";

/** How long a write may be on its way after its sender has died. */
const LATE_MS = { least: 300, most: 2000 };
/** A step that nobody takes in this time is not waited for any longer. It is tried once more; if it is never taken in a whole story, that fails. */
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

/** kill -9 at every write of a launch and its end: before it reaches the server, after it has landed, and with the write landing after the death. */
export const killAtStep: Fault = {
  name: "kill -9 at each step",
  share: 3,
  times: STEPS.length * MOMENTS.length,
  killsAtEachStep: true,
  async strike(harm, turn) {
    const kill = killOf(turn);
    const victim = (await killedAt(harm, kill)) ?? (await killedAt(harm, kill));
    // It comes back while the next one is being killed; the other two are there.
    victim?.start();
    await Promise.all(harm.world.replicas.filter((replica) => replica !== victim).map((replica) => replica.ready()));
  },
};

/** Kills whichever replica takes the step first; undefined when none did in time. */
async function killedAt(harm: Harm, kill: Kill): Promise<Replica | undefined> {
  const { world, random } = harm;
  const { step, moment } = kill;
  const { promise, resolve } = Promise.withResolvers<Replica | undefined>();
  let taken = false;
  const around = (replica: Replica): AroundWrite => async (write, send) => {
    if (taken || write.step !== step) return send();
    taken = true;
    if (moment === "after") await send();
    harm.mark();
    await replica.kill();
    harm.killed(kill);
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
