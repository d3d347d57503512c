import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { ApiProxy, NetworkHits } from "../proxy.ts";

interface NetworkFault extends Pick<Fault, "name" | "share" | "times"> {
  readonly forMs: { readonly least: number; readonly most: number };
  /** What it has to hit to count. */
  readonly hits: keyof NetworkHits;
  readonly breaks: (proxy: ApiProxy, harm: Harm) => void;
}

/** Breaks the network of one replica for a while, and makes it whole again. */
function networkFault({ forMs, hits, breaks, ...fault }: NetworkFault): Fault {
  return {
    ...fault,
    async strike(harm) {
      const { proxy } = harm.random.pick(harm.world.replicas);
      const [at, before] = [harm.moment(), proxy.hits[hits]];
      breaks(proxy, harm);
      await sleep(harm.random.between(forMs.least, forMs.most));
      if (proxy.hits[hits] > before) harm.mark(at);
      proxy.heal();
      await sleep(harm.random.between(200, 1000));
    },
  };
}

/** Every connection of a replica breaks, and no new one is made for a while. */
export const cut = networkFault({ name: "connection cut", share: 1, times: 4, forMs: { least: 500, most: 4000 }, hits: "broken", breaks: (proxy) => proxy.cut() });

/** Every connection of a replica breaks, and the next one works: writes are left without an answer. */
export const broken = networkFault({ name: "connections reset", share: 1, times: 6, forMs: { least: 50, most: 300 }, hits: "broken", breaks: (proxy) => proxy.breakConnections() });

/** Nothing passes and nothing says so, longer than the client waits for an answer; then everything arrives late. */
export const halfOpen = networkFault({ name: "half open, late arrival", share: 1, times: 2, forMs: { least: 4000, most: 13_000 }, hits: "frozen", breaks: (proxy) => proxy.freeze() });

/** Every request and every piece of an answer takes long. */
export const slow = networkFault({ name: "slow network", share: 1, times: 3, forMs: { least: 2000, most: 4000 }, hits: "slowed", breaks: (proxy, { random }) => proxy.slow(() => random.between(20, 400)) });

const WATCHED = ["workflowexecutions", "remediationrequests", "leases", "jobs", "aianalyses"] as const;

/** One watch stream of each replica is late by 100 ms to 2 s, and the others are not. */
export const heldWatch: Fault = {
  name: "one watch stream late",
  share: 3,
  times: 3,
  async strike({ world: { replicas }, random, moment, mark }) {
    const held = (): number => replicas.reduce((sum, { proxy }) => sum + proxy.hits.held, 0);
    const [at, before] = [moment(), held()];
    for (const { proxy } of replicas) proxy.holdWatch(random.pick(WATCHED), random.between(100, 2000));
    await sleep(random.between(4000, 6000));
    if (held() > before) mark(at);
    for (const { proxy } of replicas) proxy.heal();
  },
};
