import { CORE_SCHEMA, load, YAMLException } from "js-yaml";
import type { Json } from "../api/object.ts";
import type { ApiRequest } from "./ports.ts";
import { badRequest, unsupportedMediaType } from "./status-error.ts";

/** Media types in which an object may be sent. */
export const OBJECT_TYPES = ["application/json", "application/yaml"] as const;

/** The media type of the body without parameters; JSON when none is named. */
export function contentType(request: ApiRequest): string {
  return (request.headers["content-type"] ?? "application/json").split(";", 1)[0]?.trim().toLowerCase() || "application/json";
}

/** The body as a JSON value. Throws StatusError 415 for another media type and 400 for text that does not parse; `what` it ought to be. */
export function decodeBody(request: ApiRequest, what: string): Json {
  const type = contentType(request);
  if (type !== "application/json" && type !== "application/yaml") throw unsupportedMediaType(OBJECT_TYPES);
  return parse(request.body ?? "", type === "application/yaml", what);
}

/** Parses JSON, or YAML (1.2 core schema: a time stays text). Throws StatusError 400. */
export function parse(text: string, yaml: boolean, what: string): Json {
  try {
    return (yaml ? load(text, { schema: CORE_SCHEMA }) : JSON.parse(text)) as Json; // Both make nothing but JSON values.
  } catch (error) {
    if (!(error instanceof SyntaxError) && !(error instanceof YAMLException)) throw error;
    throw badRequest(`the object provided is unrecognized (must be of type ${what}): couldn't get version/kind; json parse error: ${error.message} (${text.slice(0, 100) || "<empty>"})`);
  }
}
