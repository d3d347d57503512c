import type { Fault } from "../chaos.ts";

/** Two faults at a time, chosen anew each turn. */
export function mixed(faults: readonly Fault[]): Fault {
  return {
    name: "mixed, two at a time",
    share: 6,
    times: 5,
    ...(faults.some(({ deletesLocks }) => deletesLocks) && { deletesLocks: true }),
    async strike(harm, turn) {
      const first = harm.random.pick(faults);
      const second = harm.random.pick(faults.filter((fault) => fault !== first));
      // The step faults go through their steps by the turn.
      const at = (fault: Fault): Promise<void> => fault.strike(harm, turn + harm.random.between(0, 26));
      await Promise.all([at(first), at(second)]);
      await harm.world.heal();
    },
  };
}
