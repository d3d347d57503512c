import type { KindInfo } from "../api/kind.ts";
import type { KubeObject } from "../api/object.ts";
import { isKubeError } from "./kube-error.ts";
import type { KubeClient, WatchEvent, WatchQuery, Watcher } from "./ports.ts";

/** A request that the API server answered with 403, in the words of RBAC. That can also be an admission plugin's doing: whether a right is missing is another question. */
export interface Refusal {
  readonly verb: string;
  readonly kind: KindInfo;
  readonly namespace?: string;
  readonly subresource?: "status";
}

/** The same client; each request that is refused as Forbidden is told, and then fails as ever. `tell` must not throw. */
export function tellRefusals(client: KubeClient, tell: (refusal: Refusal) => void): KubeClient {
  const telling = async <R>(what: Omit<Refusal, "namespace">, namespace: string | undefined, request: Promise<R>): Promise<R> => {
    try {
      return await request;
    } catch (error) {
      if (isKubeError(error, "Forbidden")) tell({ ...what, ...(namespace ? { namespace } : {}) });
      throw error;
    }
  };
  return {
    get: (kind, key, options) => telling({ verb: "get", kind }, key.namespace, client.get(kind, key, options)),
    list: (kind, query, options) => telling({ verb: "list", kind }, query?.namespace, client.list(kind, query, options)),
    create: (kind, draft, options) => telling({ verb: "create", kind }, draft.metadata.namespace, client.create(kind, draft, options)),
    replace: (kind, object, options) => telling({ verb: "update", kind }, object.metadata.namespace, client.replace(kind, object, options)),
    replaceStatus: (kind, object, options) => telling({ verb: "update", kind, subresource: "status" }, object.metadata.namespace, client.replaceStatus(kind, object, options)),
    patch: (kind, key, patch, options) => telling({ verb: "patch", kind }, key.namespace, client.patch(kind, key, patch, options)),
    delete: (kind, key, preconditions, options) => telling({ verb: "delete", kind }, key.namespace, client.delete(kind, key, preconditions, options)),
    watch: (kind, query, options) => watchTelling(client, tell, kind, query, options),
  };
}

async function* watchTelling<T extends KubeObject>(client: Watcher, tell: (refusal: Refusal) => void, kind: KindInfo<T>, query: WatchQuery, options: { readonly signal: AbortSignal }): AsyncGenerator<WatchEvent<T>> {
  try {
    yield* client.watch(kind, query, options);
  } catch (error) {
    if (isKubeError(error, "Forbidden")) tell({ verb: "watch", kind, ...(query.namespace ? { namespace: query.namespace } : {}) });
    throw error;
  }
}
