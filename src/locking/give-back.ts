import { kinds } from "../api/kinds.ts";
import type { Lease } from "../api/lease.ts";
import { isKubeError } from "../kube/kube-error.ts";
import type { CallOptions } from "../kube/ports.ts";
import type { LeaseClient } from "./ports.ts";
import { mayHaveLanded } from "./take-lease.ts";

const TRIES = 3;

/** `gone`: somebody else deleted it. `moved-on`: the Lease that is there now is not the one to give back. */
export type GaveBack = "deleted" | "gone" | "moved-on";

export interface GiveBackOptions extends CallOptions {
  /** Whether what a live read shows may go in place of the version handed in; nothing but that version unless given. */
  readonly stillOurs?: (seen: Lease) => boolean;
}

/**
 * Deletes a Lease at exactly the version handed in. A refusal or a lost answer is settled by a live read, which is tried again only
 * for that version: whoever has moved a Lease since, the same holder too, may be doing something under it. Throws KubeError when
 * that stays unsettled.
 */
export async function giveBack(client: LeaseClient, lease: Lease, { stillOurs = isVersionOf(lease), ...options }: GiveBackOptions = {}): Promise<GaveBack> {
  let seen = lease;
  for (let left = TRIES - 1; ; left--) {
    try {
      await exactDelete(client, seen, options);
      return "deleted";
    } catch (error) {
      if (isKubeError(error, "NotFound")) return "gone";
      if (left === 0 || !(mayHaveLanded(error) || isKubeError(error, "Conflict"))) throw error;
    }
    const now = await client.get(kinds.Lease, keyOf(seen), options);
    if (!now) return "gone";
    if (!stillOurs(now)) return "moved-on";
    seen = now;
  }
}

function isVersionOf({ metadata: { uid, resourceVersion } }: Lease): (seen: Lease) => boolean {
  return ({ metadata }) => metadata.uid === uid && metadata.resourceVersion === resourceVersion;
}

/** DELETE of that very object at that very version. */
export function exactDelete(client: Pick<LeaseClient, "delete">, lease: Lease, options: CallOptions = {}): Promise<void> {
  const { uid, resourceVersion } = lease.metadata;
  return client.delete(kinds.Lease, keyOf(lease), { uid, resourceVersion }, options);
}

function keyOf({ metadata: { namespace, name } }: Lease): { readonly namespace?: string; readonly name: string } {
  return { name, ...(namespace === undefined ? {} : { namespace }) };
}
