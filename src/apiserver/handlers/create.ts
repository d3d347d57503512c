import type { ResourceCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { decodeBody } from "../decode.ts";
import { createObject } from "../objects/create-object.ts";
import { takeIn } from "../objects/intake.ts";
import { writeOptions } from "../objects/write-options.ts";
import type { ApiResponse } from "../ports.ts";
import { respondObject } from "../respond.ts";
import { methodNotAllowed } from "../status-error.ts";

/** POST to a collection. */
export function create(context: ApiContext, call: ResourceCall): ApiResponse {
  const { resource, namespace, name, query, request } = call;
  if (name !== undefined || resource.info.namespaced !== (namespace !== undefined)) throw methodNotAllowed();
  const options = writeOptions(query, "CreateOptions");
  const object = takeIn(call, decodeBody(request, resource.info.kind), "body", options);
  return respondObject(context, call, 201, createObject(context, { resource, namespace, object, dryRun: options.dryRun }));
}
