import type { FieldError, JsonObject } from "../ports.ts";
import { isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import { badRequest, invalid, type StatusError } from "../status-error.ts";
import type { Json } from "../../api/object.ts";
import { invalidValue } from "./metadata-validation.ts";
import { undecodableMeta } from "./metadata-types.ts";
import { unknownMetaFields } from "./metadata.ts";
import type { ServedResource } from "./served-resource.ts";
import type { WriteOptions } from "./write-options.ts";

/** Where an object comes from: sent as such, or made by applying a patch. A patch's faults are told otherwise. */
export type Origin = "body" | "patch";

/** Who takes something in, and where warnings of it go. */
export interface Taker {
  readonly resource: ServedResource;
  readonly warnings: string[];
}

/** Checks the identity of what came in, removes unknown fields, or warns of them, and fills in defaults. Throws StatusError 400 or 422. */
export function takeIn({ resource, warnings }: Taker, value: Json, origin: Origin, { fieldValidation }: WriteOptions): JsonObject {
  const { kind } = resource.info;
  if (!isObject(value)) throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind`);
  const object = identified(resource, value, origin);
  const wrong = undecodableMeta(object);
  if (wrong !== undefined) throw undecodable(resource, object, origin, wrong);
  const { schema } = resource.info;
  const pruned = schema.prune(object);
  const unknown = [...pruned.unknown, ...unknownMetaFields(object)].toSorted();
  if (unknown.length > 0 && fieldValidation === "Strict") {
    throw undecodable(resource, object, origin, `strict decoding error: ${unknown.map((field) => `unknown field "${field}"`).join(", ")}`);
  }
  if (fieldValidation === "Warn") for (const field of unknown) warnings.push(`unknown field "${field}"`);
  return schema.withDefaults(pruned.object);
}

/** What an object's schema says against it. Built-in kinds do not even decode what has a wrong type. */
export function complaints(resource: ServedResource, object: JsonObject, old: JsonObject | undefined, origin: Origin): readonly FieldError[] {
  const errors = resource.info.schema.validate(object, old);
  const wrongType = resource.info.strategicMerge ? errors.find(({ reason }) => reason === "FieldValueTypeInvalid") : undefined;
  if (wrongType) throw undecodable(resource, object, origin, wrongType.message);
  return errors;
}

function undecodable({ info }: ServedResource, object: JsonObject, origin: Origin, why: string): StatusError {
  if (origin === "patch") return invalid("", "", "", [invalidValue("patch", JSON.stringify(object), why)]);
  return badRequest(`${info.kind} in version "${info.version}" cannot be handled as a ${info.kind}: ${why}`);
}

function identified(resource: ServedResource, object: JsonObject, origin: Origin): JsonObject {
  const { kind, strategicMerge } = resource.info;
  const said = { apiVersion: object["apiVersion"], kind: object["kind"] };
  if (said.kind === undefined && said.apiVersion === undefined && strategicMerge) return { kind, apiVersion: resource.apiVersion, ...object };
  if (said.kind === kind && said.apiVersion === resource.apiVersion) return object;
  if (said.kind === undefined || said.kind === "") throw badRequest(`Object 'Kind' is missing in '${JSON.stringify(object).slice(0, 200)}'`);
  if (said.kind !== kind) throw undecodable(resource, object, origin, `no kind ${JSON.stringify(said.kind)} is registered here, expected ${JSON.stringify(kind)}`);
  throw badRequest(`the API version in the data (${fieldText(object, "apiVersion")}) does not match the expected API version (${resource.apiVersion})`);
}
