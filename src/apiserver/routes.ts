import { assertNever } from "../lib/assert-never.ts";
import { flag, type ResourceCall, type Verb } from "./call.ts";
import type { Resources } from "./objects/resources.ts";
import type { ApiRequest } from "./ports.ts";

/** Where a request goes, before anybody asked who sends it. */
export type Route = { readonly kind: "resource"; readonly call: Omit<ResourceCall, "user" | "request" | "warnings"> } | { readonly kind: "other"; readonly path: string; readonly query: URLSearchParams };

const NO_QUERY = new URLSearchParams();

/** Takes the URL apart. Paths under which no resource is served are `other`. */
export function route(request: Pick<ApiRequest, "method" | "url">, resources: Resources): Route {
  const mark = request.url.indexOf("?");
  const path = mark < 0 ? request.url : request.url.slice(0, mark);
  const query = mark < 0 ? NO_QUERY : new URLSearchParams(request.url.slice(mark + 1));
  const parts = path.split("/").filter(Boolean).map(decode);
  const place = resourcePlace(parts);
  const resource = place && resources.find(place.group, place.version, place.plural);
  const misplaced = resource && place.namespace !== undefined && !resource.info.namespaced;
  if (!resource || misplaced) return { kind: "other", path, query };
  const { namespace, name, subresource } = place;
  return { kind: "resource", call: { verb: verbOf(request.method, name !== undefined, query), resource, namespace, name, subresource, query } };
}

interface Place {
  readonly group: string;
  readonly version: string;
  readonly namespace: string | undefined;
  readonly plural: string;
  readonly name: string | undefined;
  readonly subresource: string | undefined;
}

function resourcePlace(parts: readonly string[]): Place | undefined {
  const core = parts[0] === "api";
  if (!core && parts[0] !== "apis") return undefined;
  const [group, version, rest] = core ? ["", parts[1], parts.slice(2)] : [parts[1], parts[2], parts.slice(3)];
  if (group === undefined || version === undefined || rest.length === 0) return undefined;
  // `namespaces/x/status` is the status of a Namespace, `namespaces/x/pods` are the pods in it.
  const inNamespace = rest[0] === "namespaces" && rest.length > 2 && rest[2] !== "status" && rest[2] !== "finalize";
  const [plural, name, subresource, ...more] = inNamespace ? rest.slice(2) : rest;
  if (plural === undefined || more.length > 0) return undefined;
  return { group, version, namespace: inNamespace ? rest[1] : undefined, plural, name, subresource };
}

function decode(part: string): string {
  if (!part.includes("%")) return part;
  try {
    return decodeURIComponent(part);
  } catch (error) {
    if (error instanceof URIError) return part;
    throw error;
  }
}

function verbOf(method: ApiRequest["method"], named: boolean, query: URLSearchParams): Verb {
  switch (method) {
    case "GET":
      if (named) return "get";
      return flag(query, "watch") ? "watch" : "list";
    case "POST":
      return "create";
    case "PUT":
      return "update";
    case "PATCH":
      return "patch";
    case "DELETE":
      return named ? "delete" : "deletecollection";
    default:
      return assertNever(method, "method");
  }
}
