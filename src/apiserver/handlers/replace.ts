import type { NamedCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { decodeBody } from "../decode.ts";
import { createObject } from "../objects/create-object.ts";
import { takeIn } from "../objects/intake.ts";
import { metaText, withMeta } from "../objects/metadata.ts";
import { storeKey } from "../objects/served-resource.ts";
import { storageError, updateObject } from "../objects/update-object.ts";
import { writeOptions, type WriteOptions } from "../objects/write-options.ts";
import type { ApiResponse, JsonObject } from "../ports.ts";
import { respondObject } from "../respond.ts";
import { badRequest, conflict, notFound } from "../status-error.ts";

/** PUT of an object, or of its status. */
export function replace(context: ApiContext, call: NamedCall): ApiResponse {
  const { resource, name, namespace, subresource, query, request } = call;
  const options = writeOptions(query, "UpdateOptions");
  const object = takeIn(call, decodeBody(request, resource.info.kind), "body", options);
  assertNamed(object, call);
  const old = context.store.collection(resource.storage).get(storeKey(namespace, name));
  if (!old) return respondObject(context, call, 201, createInstead(context, call, object, options));
  const updated = updateObject(context, { resource, old, object, origin: "body", subresource, dryRun: options.dryRun });
  return respondObject(context, call, 200, updated);
}

/** The object says the same name and namespace as the URL, or nothing. Throws StatusError 400. */
export function assertNamed(object: JsonObject, { name, namespace = "" }: NamedCall): void {
  const said = { name: metaText(object, "name"), namespace: metaText(object, "namespace") };
  if (said.name !== name) {
    throw badRequest(said.name === "" ? "name must be provided" : `the name of the object (${said.name}) does not match the name on the URL (${name})`);
  }
  if (said.namespace !== "" && said.namespace !== namespace) throw badRequest("the namespace of the provided object does not match the namespace sent on the request");
}

// Some kinds come to life by a PUT, whatever version it names; one that names a uid means an object that is gone.
function createInstead(context: ApiContext, call: NamedCall, object: JsonObject, { dryRun }: WriteOptions): JsonObject {
  const { resource, namespace, name, subresource } = call;
  if (!resource.traits.createOnUpdate || subresource !== undefined) throw notFound(resource.info, name);
  const uid = metaText(object, "uid");
  if (uid !== "") throw conflict(resource.info, name, storageError(resource, namespace, name, uid, ""));
  return createObject(context, { resource, namespace, object: withMeta(object, { resourceVersion: undefined }), dryRun });
}
