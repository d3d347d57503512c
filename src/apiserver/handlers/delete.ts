import type { NamedCall, ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { decodeBody } from "../decode.ts";
import { deleteObject } from "../objects/delete-object.ts";
import { deleteOptions, type DeleteOptions } from "../objects/delete-options.ts";
import { storedMeta } from "../objects/metadata.ts";
import type { ApiResponse, JsonObject } from "../ports.ts";
import { respondObject } from "../respond.ts";
import { existing } from "./get.ts";
import { list, selectionOf } from "./list.ts";
import { methodNotAllowed } from "../status-error.ts";

/** DELETE of one object: a Status when it is gone, the object when something holds it still. */
export function remove(context: ApiContext, call: NamedCall): ApiResponse {
  const options = optionsOf(call);
  const { resource } = call;
  const { gone, object } = deleteObject(context, resource, existing(context, call), options);
  const served = resource.conversion ? resource.conversion.toServed(object) : object;
  if (!gone || resource.traits.returnsDeleted) return respondObject(context, call, 200, served);
  const { uid, name } = storedMeta(object);
  const { group, plural } = resource.info;
  const status: JsonObject = { kind: "Status", apiVersion: "v1", metadata: {}, status: "Success", details: { name, ...(group ? { group } : {}), kind: plural, uid } };
  return respondObject(context, { ...call, request: { ...call.request, headers: {} } }, 200, status);
}

/** DELETE of a collection: everything that the selectors fit. Answers with the list as it was. */
export function removeCollection(context: ApiContext, call: ResourceCall): ApiResponse {
  const { resource, namespace } = call;
  if (resource.info.namespaced && namespace === undefined) throw methodNotAllowed();
  const options = optionsOf(call);
  const answer = list(context, call);
  const selects = selectionOf(call);
  for (const revision of context.store.collection(resource.storage).sorted()) if (!selects || selects(revision)) deleteObject(context, resource, revision, options);
  return answer;
}

function optionsOf({ request, query }: ResourceCall): DeleteOptions {
  return deleteOptions(request.body ? decodeBody(request, "DeleteOptions") : undefined, query);
}
