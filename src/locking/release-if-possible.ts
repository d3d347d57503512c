import type { Logger } from "../lib/log.ts";
import { isKubeError } from "../kube/kube-error.ts";
import type { ClaimHolder, Claims, LockTarget } from "./ports.ts";

/** Gives a claim back that has served. Where the API server refuses or stays silent that is logged, and left to whoever looks next: the claim's other users, and the reaper in the end. */
export async function releaseIfPossible(claims: Pick<Claims, "release">, target: LockTarget, holder: ClaimHolder, { signal, log }: { readonly signal: AbortSignal; readonly log: Logger }): Promise<void> {
  try {
    await claims.release(target, holder, { signal });
  } catch (error) {
    if (!isKubeError(error)) throw error;
    log.warn("claim not released, it will be looked at again", { err: error, target: target.resource });
  }
}
