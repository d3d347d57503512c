import type { Json } from "../../api/object.ts";
import type { NamedCall } from "../call.ts";
import type { ApiContext } from "../context.ts";
import { contentType, parse } from "../decode.ts";
import { takeIn } from "../objects/intake.ts";
import { metaOf } from "../objects/metadata.ts";
import { updateObject } from "../objects/update-object.ts";
import { writeOptions } from "../objects/write-options.ts";
import { jsonPatch } from "../patch/json-patch.ts";
import { mergePatch } from "../patch/merge-patch.ts";
import type { ApiResponse, JsonObject } from "../ports.ts";
import { respondObject, served } from "../respond.ts";
import { isObject } from "../same-json.ts";
import { patchRejected, StatusError, unsupportedMediaType } from "../status-error.ts";
import { existing } from "./get.ts";
import { assertNamed } from "./replace.ts";

const JSON_PATCH = "application/json-patch+json";
const MERGE_PATCH = "application/merge-patch+json";
const STRATEGIC = "application/strategic-merge-patch+json";
const APPLY = "application/apply-patch+yaml";

/** PATCH of an object, or of its status, in one of three ways; server-side apply is refused in words that say what to do. */
export function patch(context: ApiContext, call: NamedCall): ApiResponse {
  const { resource, subresource, query, request } = call;
  const options = writeOptions(query, "PatchOptions");
  const apply = patcher(context, call, contentType(request));
  const old = existing(context, call);
  const body = parse(request.body ?? "", false, "patch");
  const patched = apply(forPatching(served(resource, old)), body);
  const object = takeIn(call, patched, "patch", options);
  assertNamed(object, call);
  const updated = updateObject(context, { resource, old, object, origin: "patch", subresource, dryRun: options.dryRun });
  return respondObject(context, call, 200, updated);
}

// A patch is a patch of the latest version unless it names another one.
function forPatching(object: JsonObject): JsonObject {
  const { resourceVersion: _latest, ...metadata } = metaOf(object);
  return { ...object, metadata: { ...metadata, resourceVersion: _latest ?? "" } };
}

type Patcher = (object: JsonObject, patch: Json) => Json;

/** How a patch of that media type is applied. Throws StatusError 415 for one that is not served. */
export function patcher(context: ApiContext, { resource }: NamedCall, type: string): Patcher {
  const { strategicMerge } = context;
  const strategic = resource.info.strategicMerge;
  if (type === JSON_PATCH) return jsonPatch;
  if (type === MERGE_PATCH) return objectPatch(mergePatch);
  if (type === STRATEGIC && strategic) return objectPatch((object, change) => strategicMerge(resource.info, object, change));
  if (type === APPLY) {
    throw new StatusError(415, "UnsupportedMediaType", "this API server keeps no field ownership, so it has no server-side apply: use client-side apply (kubectl apply without --server-side)");
  }
  throw unsupportedMediaType([JSON_PATCH, MERGE_PATCH, ...(strategic ? [STRATEGIC] : [])]);
}

function objectPatch(merge: (object: JsonObject, change: JsonObject) => Json): Patcher {
  return (object, change) => {
    if (!isObject(change)) throw patchRejected();
    return merge(object, change);
  };
}
