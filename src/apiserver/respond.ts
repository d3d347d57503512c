import { CORE_SCHEMA, dump } from "js-yaml";
import type { ApiContext, TableOptions } from "./context.ts";
import { flag, type ResourceCall } from "./call.ts";
import { metaOf } from "./objects/metadata.ts";
import type { ServedResource } from "./objects/served-resource.ts";
import type { ApiRequest, ApiResponse, JsonObject } from "./ports.ts";
import { fieldText } from "./selectors/field-selector.ts";
import { StatusError } from "./status-error.ts";
import type { Revision } from "./store/revision.ts";

/** In which shape an answer was asked for. */
export type Shape = "json" | "yaml" | "table" | "metadata";

/** The first of the accepted media types that is served. Throws StatusError 406 when there is none. */
export function shapeOf(request: ApiRequest): Shape {
  const accept = request.headers["accept"];
  if (accept === undefined || accept === "application/json" || accept === "*/*") return "json";
  for (const wanted of accept.split(",")) {
    const [type = "", ...parameters] = wanted.split(";").map((part) => part.trim());
    const as = parameters.find((parameter) => parameter.startsWith("as="))?.slice(3);
    if (type === "application/yaml" && !as) return "yaml";
    if (type !== "application/json" && type !== "*/*" && type !== "application/*") continue;
    if (!as) return "json";
    if (as === "Table") return "table";
    if (as === "PartialObjectMetadata" || as === "PartialObjectMetadataList") return "metadata";
  }
  throw new StatusError(406, "NotAcceptable", "only the following media types are accepted: application/json, application/yaml");
}

/** An answer whose body is JSON text already. */
export function jsonText(status: number, body: string, headers: Readonly<Record<string, string>> = {}): ApiResponse {
  return { kind: "body", status, headers: { "content-type": "application/json", "cache-control": "no-cache, private", ...headers }, body };
}

/** An answer in plain text, as the health endpoints give it. */
export function plainText(status: number, body: string): ApiResponse {
  return { kind: "body", status, headers: { "content-type": "text/plain; charset=utf-8", "cache-control": "no-cache, private", "x-content-type-options": "nosniff" }, body };
}

/** The Status of an error, with Retry-After where it says so. */
export function errorResponse(error: StatusError): ApiResponse {
  const retryAfter = fieldText(error.status, "details.retryAfterSeconds");
  return jsonText(error.code, JSON.stringify(error.status), retryAfter === "" ? {} : { "retry-after": retryAfter });
}

/** The same answer with what its receiver is to be warned of. */
export function withWarnings(response: ApiResponse, warnings: readonly string[]): ApiResponse {
  if (warnings.length === 0) return response;
  return { ...response, headers: { ...response.headers, warning: warnings.map((text) => `299 - ${JSON.stringify(text)}`).join(", ") } };
}

/** One object, in the shape that was asked for. */
export function respondObject(context: ApiContext, call: ResourceCall, status: number, object: JsonObject): ApiResponse {
  const shape = shapeOf(call.request);
  if (shape === "yaml") return { kind: "body", status, headers: { "content-type": "application/yaml" }, body: toYaml(object) };
  return jsonText(status, JSON.stringify(shaped(context, call, shape, object)));
}

/** A stored state, whose text is made only once. */
export function respondRevision(context: ApiContext, call: ResourceCall, status: number, revision: Revision): ApiResponse {
  const { conversion } = call.resource;
  if (!conversion && shapeOf(call.request) === "json") return jsonText(status, revision.json);
  return respondObject(context, call, status, served(call.resource, revision));
}

/** A stored state in the served version. */
export function served({ conversion }: ServedResource, revision: Revision): JsonObject {
  return conversion ? conversion.toServed(revision.object) : revision.object;
}

/** An object as its text. */
export function toYaml(object: JsonObject): string {
  return dump(object, { schema: CORE_SCHEMA, noRefs: true, lineWidth: -1 });
}

/** One object as a Table of one row, as bare metadata, or as it is. */
export function shaped(context: ApiContext, call: ResourceCall, shape: Shape, object: JsonObject, noHeaders = false): JsonObject {
  if (shape === "metadata") return partialMetadata(object);
  if (shape !== "table") return object;
  const { resourceVersion } = metaOf(object);
  return context.toTable(call.resource.info, [object], resourceVersion === undefined ? {} : { resourceVersion }, tableOptions(call, noHeaders));
}

export function partialMetadata(object: JsonObject): JsonObject {
  return { kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata: metaOf(object) };
}

export function tableOptions({ query }: ResourceCall, noHeaders = false): TableOptions {
  const asked = query.get("includeObject");
  return { includeObject: asked === "None" || asked === "Object" ? asked : "Metadata", noHeaders: noHeaders || flag(query, "noHeaders") };
}
