import type { NamedCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { storeKey } from "../objects/served-resource.ts";
import type { ApiResponse } from "../ports.ts";
import { respondRevision } from "../respond.ts";
import { badRequest, notFound, tooLargeResourceVersion } from "../status-error.ts";
import type { Revision } from "../store/revision.ts";

/** GET of one object, or of its status. Always the latest state, whatever older one would do. */
export function get(context: ApiContext, call: NamedCall): ApiResponse {
  const asked = resourceVersionOf(call.query);
  if (asked !== undefined && asked > context.store.version) throw tooLargeResourceVersion(asked, context.store.version);
  return respondRevision(context, call, 200, existing(context, call));
}

/** The stored state of the object that is named. Throws StatusError 404. */
export function existing(context: ApiContext, call: NamedCall): Revision {
  const revision = context.store.collection(call.resource.storage).get(storeKey(call.namespace, call.name));
  if (!revision) throw notFound(call.resource.info, call.name);
  return revision;
}

/** The resourceVersion parameter; undefined when there is none. Throws StatusError 400 for one that is no number. */
export function resourceVersionOf(query: URLSearchParams): number | undefined {
  const text = query.get("resourceVersion");
  if (text === null || text === "") return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`invalid resource version: resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`);
  return Number(text);
}
