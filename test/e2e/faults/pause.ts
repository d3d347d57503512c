import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { Replica } from "../replica.ts";

/** Longer than every expiry by which others judge a replica, a 30 s lock included. */
const PAUSE_MS = 45_000;
/** A replica is stopped at writes on this many targets at once, so that the pause is paid for once. */
const WRITES_CAUGHT = 6;
const CATCH_WITHIN_MS = 5000;

/** SIGSTOP in the middle of launches on several targets, SIGCONT after 45 s: what it had on its way lands then. */
export const pause: Fault = {
  name: "SIGSTOP 45 s, SIGCONT",
  share: 2,
  times: 1,
  async strike(harm) {
    const replica = harm.random.pick(harm.world.replicas);
    const held = await stopMidway(harm, replica);
    if (held.writes > 0) await sleep(PAUSE_MS, undefined, { signal: harm.signal }).catch(() => undefined);
    replica.signal("SIGCONT");
    held.land();
    await replica.ready();
  },
};

interface Held {
  /** Writes of the protocol that are on their way. */
  readonly writes: number;
  /** Lets them reach the server. */
  land(): void;
}

/** Holds the replica's next writes of the protocol on their way, then stops it; where it takes none, it is not stopped and that is no fault. */
async function stopMidway({ mark, note }: Harm, replica: Replica): Promise<Held> {
  const landing = Promise.withResolvers<void>();
  const caught = Promise.withResolvers<void>();
  let writes = 0;
  replica.proxy.aroundWrite = async (write, send) => {
    if (write.step === undefined) return send();
    if (++writes === WRITES_CAUGHT) caught.resolve();
    await landing.promise;
    return send();
  };
  const giveUp = setTimeout(() => caught.resolve(), CATCH_WITHIN_MS);
  await caught.promise;
  clearTimeout(giveUp);
  if (writes > 0) {
    mark();
    note(`${replica.name} was stopped with ${writes} writes on their way`);
    replica.signal("SIGSTOP");
  }
  return {
    writes,
    land() {
      replica.proxy.aroundWrite = undefined;
      landing.resolve();
    },
  };
}
