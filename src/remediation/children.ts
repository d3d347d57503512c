import type { KindInfo } from "../api/kind.ts";
import { controllerOf, type Draft, type KubeObject } from "../api/object.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { CacheReader } from "../cache/ports.ts";
import { isKubeError } from "../kube/kube-error.ts";
import type { CallOptions, Reader, Writer } from "../kube/ports.ts";

/**
 * What an `ensure` came to. `occupied`: the name belongs to a child of somebody else, most likely an earlier one that is being
 * collected. `refused`: the API server takes no such object, however often it is sent.
 */
export type Ensured<T> =
  | { readonly kind: "ours"; readonly object: T; readonly created: boolean }
  | { readonly kind: "occupied"; readonly object: T | undefined }
  | { readonly kind: "refused"; readonly message: string };

/** Children of RemediationRequests: found and made by deterministic name, recognised by the owner's uid. */
export interface Children {
  /** The child, from the cache, or live where the cache does not know it; undefined when there is none of this owner. */
  find<T extends KubeObject>(kind: KindInfo<T>, cache: Pick<CacheReader<T>, "get">, name: string, rr: RemediationRequest, options: CallOptions): Promise<T | undefined>;
  /** Creates the child, or adopts the one that is there if it is this owner's. */
  ensure<T extends KubeObject>(kind: KindInfo<T>, draft: Draft<T>, rr: RemediationRequest, options: CallOptions): Promise<Ensured<T>>;
}

/** Whether `child` is controlled by this very `rr`. */
export function isChildOf(child: KubeObject, rr: RemediationRequest): boolean {
  return controllerOf(child)?.uid === rr.metadata.uid;
}

/** Children over the given connection. Absence in a cache is confirmed live before anything is decided from it. */
export function createChildren(client: Reader & Writer): Children {
  return {
    async find(kind, cache, name, rr, options) {
      const key = { namespace: rr.metadata.namespace ?? "", name };
      const cached = cache.get(key);
      if (cached && isChildOf(cached, rr)) return cached;
      const live = await client.get(kind, key, options);
      return live && isChildOf(live, rr) ? live : undefined;
    },
    async ensure(kind, draft, rr, options) {
      try {
        return { kind: "ours", object: await client.create(kind, draft, options), created: true };
      } catch (error) {
        if (isKubeError(error, "Invalid", "BadRequest")) return { kind: "refused", message: error.message };
        if (!isKubeError(error, "AlreadyExists")) throw error;
      }
      const key = { namespace: rr.metadata.namespace ?? "", name: draft.metadata.name };
      const object = await client.get(kind, key, options);
      return object && isChildOf(object, rr) ? { kind: "ours", object, created: false } : { kind: "occupied", object };
    },
  };
}
