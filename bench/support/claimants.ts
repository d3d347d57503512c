import { kinds } from "../../src/api/kinds.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { parseClaim } from "../../src/locking/claim-lease.ts";
import { LOCK_LABEL, REPLICA_ANNOTATION } from "../../src/locking/lease-marks.ts";

/** Who claims in whose name, as the API server tells it. */
export interface Claimants extends AsyncDisposable {
  /** Resolves with the replica that claims for the RemediationRequest of that name, as soon as it does. */
  claimant(request: string): Promise<string>;
}

/** Watches the claims of a namespace from now on. */
export async function watchClaimants(client: KubeClient, namespace: string): Promise<Claimants> {
  const end = new AbortController();
  const seen = new Map<string, PromiseWithResolvers<string>>();
  const about = (request: string): PromiseWithResolvers<string> => {
    const known = seen.get(request) ?? Promise.withResolvers<string>();
    seen.set(request, known);
    return known;
  };
  const { resourceVersion } = await client.list(kinds.Lease, { namespace, labelSelector: LOCK_LABEL });
  const follow = async (): Promise<void> => {
    try {
      for await (const event of client.watch(kinds.Lease, { namespace, labelSelector: LOCK_LABEL, resourceVersion, timeoutSeconds: 600 }, { signal: end.signal })) {
        const claim = event.type === "ADDED" ? parseClaim(event.object) : undefined;
        if (claim && event.type === "ADDED") about(claim.holder.name).resolve(event.object.metadata.annotations?.[REPLICA_ANNOTATION] ?? "");
      }
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
  };
  const following = follow();
  return {
    claimant: (request) => about(request).promise,
    async [Symbol.asyncDispose]() {
      end.abort();
      await following;
    },
  };
}
