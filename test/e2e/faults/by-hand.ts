import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../../src/api/kinds.ts";
import { isKubeError, isNotThatObject } from "../../../src/kube/kube-error.ts";
import { LOCK_LABEL } from "../../../src/locking/lease-marks.ts";
import type { Fault } from "../chaos.ts";
import { NAMESPACE, setRights } from "../cluster-setup.ts";
import { REPLICAS, type World } from "../world.ts";

/** Somebody deletes every lock, again and again: nothing rests on them but speed. */
export const leasesDeleted: Fault = {
  name: "Leases deleted by hand",
  share: 3,
  times: 20,
  deletesLocks: true,
  async strike({ world, random, moment, mark }) {
    const at = moment();
    if ((await deleteLocks(world)) > 0) mark(at);
    await sleep(random.between(20, 400));
  },
};

/** How many were there and are gone by this. */
async function deleteLocks({ client }: World): Promise<number> {
  const { items } = await client.list(kinds.Lease, { namespace: NAMESPACE, labelSelector: LOCK_LABEL });
  const deleted = await Promise.all(
    items.map(async ({ metadata: { name, uid } }) => {
      try {
        await client.delete(kinds.Lease, { namespace: NAMESPACE, name }, { uid });
        return true;
      } catch (error) {
        // Given back meanwhile, or out of reach: there are more.
        if (!isNotThatObject(error) && !isKubeError(error, "Unreachable", "UnknownOutcome", "ServerError")) throw error;
        return false;
      }
    }),
  );
  return deleted.filter(Boolean).length;
}

/** The replicas' rights are taken away and given back; it counts if one was refused meanwhile. Time until work goes on is counted from when they have them again. */
export const rightsTaken: Fault = {
  name: "rights taken, given back",
  share: 1,
  times: 2,
  async strike({ world, random, mark, workGoesOn }) {
    await sleep(random.between(500, 2000));
    const refused = (): number => world.replicas.reduce((sum, { proxy }) => sum + proxy.forbidden, 0);
    const before = refused();
    await setRights(world.plane, REPLICAS, false);
    await sleep(random.between(1000, 4000));
    await setRights(world.plane, REPLICAS, true);
    if (refused() > before) mark();
    await workGoesOn();
  },
};
