import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { ApiProxy } from "../proxy.ts";

/** Breaks the network of one replica for a while, and makes it whole again. */
function networkFault(name: string, share: number, times: number, forMs: { readonly least: number; readonly most: number }, broken: (proxy: ApiProxy, harm: Harm) => void): Fault {
  return {
    name,
    share,
    times,
    async strike(harm) {
      const { proxy } = harm.random.pick(harm.world.replicas);
      harm.mark();
      broken(proxy, harm);
      await sleep(harm.random.between(forMs.least, forMs.most));
      proxy.heal();
      await sleep(harm.random.between(200, 1000));
    },
  };
}

/** Every connection of a replica breaks, and no new one is made for a while. */
export const cut = networkFault("connection cut", 1, 4, { least: 500, most: 4000 }, (proxy) => proxy.cut());

/** Every connection of a replica breaks, and the next one works: writes are left without an answer. */
export const broken = networkFault("connections reset", 1, 6, { least: 50, most: 300 }, (proxy) => proxy.breakConnections());

/** Nothing passes and nothing says so, longer than the client waits for an answer; then everything arrives late. */
export const halfOpen = networkFault("half open, late arrival", 1, 2, { least: 4000, most: 13_000 }, (proxy) => proxy.freeze());

/** Every request and every piece of an answer takes long. */
export const slow = networkFault("slow network", 1, 3, { least: 2000, most: 4000 }, (proxy, { random }) => proxy.slow(() => random.between(20, 400)));

const WATCHED = ["workflowexecutions", "remediationrequests", "leases", "jobs", "aianalyses"] as const;

/** One watch stream of each replica is late by 100 ms to 2 s, and the others are not. */
export const heldWatch: Fault = {
  name: "one watch stream late",
  share: 3,
  times: 3,
  async strike({ world, random, mark }) {
    mark();
    for (const { proxy } of world.replicas) proxy.holdWatch(random.pick(WATCHED), random.between(100, 2000));
    await sleep(random.between(4000, 6000));
    for (const { proxy } of world.replicas) proxy.heal();
  },
};
