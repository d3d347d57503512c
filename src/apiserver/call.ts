import type { ServedResource } from "./objects/served-resource.ts";
import type { ApiRequest, User } from "./ports.ts";

/** What a request does, in the words of RBAC. */
export type Verb = "create" | "get" | "list" | "watch" | "update" | "patch" | "delete" | "deletecollection";

/** A request for a resource, taken apart. */
export interface ResourceCall {
  readonly verb: Verb;
  readonly resource: ServedResource;
  /** Absent for cluster-scoped kinds and for all namespaces. */
  readonly namespace: string | undefined;
  /** Absent for a collection. */
  readonly name: string | undefined;
  readonly subresource: string | undefined;
  readonly query: URLSearchParams;
  readonly user: User;
  readonly request: ApiRequest;
  /** What the sender is to be warned of, whatever the answer; handlers add to it. */
  readonly warnings: string[];
}

/** A call that names one object. */
export interface NamedCall extends ResourceCall {
  readonly name: string;
}

/** Whether a query parameter is there and does not say no. */
export function flag(query: URLSearchParams, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== "false" && value !== "0";
}
