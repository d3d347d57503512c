import { kinds } from "../../src/api/kinds.ts";
import { LOCK_LABEL } from "../../src/locking/lease-marks.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";

/** Resolves when no lock of ours is left in the test's namespace; fails when one stays. */
export async function noLockLeft({ client, namespace }: TestCluster): Promise<void> {
  await eventually("no lock is left", async () => (await client.list(kinds.Lease, { namespace, labelSelector: LOCK_LABEL })).items.length === 0);
}
