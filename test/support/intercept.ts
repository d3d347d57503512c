import type { KindInfo } from "../../src/api/kind.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { CallOptions, KubeClient } from "../../src/kube/ports.ts";

/** One request on its way: the verb, the kind, the name that it is about. */
export interface Call {
  readonly verb: "get" | "list" | "create" | "replace" | "replaceStatus" | "patch" | "delete";
  readonly kind: string;
  readonly name: string;
  readonly options: CallOptions;
}

/** Stands around a request: runs `send` once, never, or later, and answers or throws what the caller gets. */
export type Around = <T>(call: Call, send: () => Promise<T>) => Promise<T>;

/** The same client with `around` around every request but watches: to count, delay, fail, or lose the answer of a write that landed. */
export function intercept(client: KubeClient, around: Around): KubeClient {
  const named = (object: { readonly metadata: { readonly name: string } }): string => object.metadata.name;
  const call = (verb: Call["verb"], kind: KindInfo, name: string, options: CallOptions = {}): Call => ({ verb, kind: kind.kind, name, options });
  return {
    get: (kind, key, options) => around(call("get", kind, key.name, options), () => client.get(kind, key, options)),
    list: (kind, query, options) => around(call("list", kind, "", options), () => client.list(kind, query, options)),
    create: (kind, draft, options) => around(call("create", kind, named(draft), options), () => client.create(kind, draft, options)),
    replace: <T extends KubeObject>(kind: KindInfo<T>, object: T, options?: CallOptions) => around(call("replace", kind, named(object), options), () => client.replace(kind, object, options)),
    replaceStatus: <T extends KubeObject>(kind: KindInfo<T>, object: T, options?: CallOptions) => around(call("replaceStatus", kind, named(object), options), () => client.replaceStatus(kind, object, options)),
    patch: (kind, key, patch, options) => around(call("patch", kind, key.name, options), () => client.patch(kind, key, patch, options)),
    delete: (kind, key, preconditions, options) => around(call("delete", kind, key.name, options), () => client.delete(kind, key, preconditions, options)),
    watch: (kind, query, options) => client.watch(kind, query, options),
  };
}
