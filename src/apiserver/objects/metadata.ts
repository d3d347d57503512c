import type { Json, ObjectMeta } from "../../api/object.ts";
import type { JsonObject } from "../ports.ts";
import { isObject } from "../same-json.ts";

/** metadata of an object on its way in or out; empty when there is none. */
export function metaOf(object: JsonObject): JsonObject {
  const meta = object["metadata"];
  return isObject(meta) ? meta : {};
}

/** metadata of a stored object, which is complete and well-formed. */
export function storedMeta(object: JsonObject): ObjectMeta {
  return object["metadata"] as unknown as ObjectMeta; // Validated before it was stored.
}

/** A text field of metadata; empty where it is absent. */
export function metaText(object: JsonObject, field: string): string {
  const value = metaOf(object)[field];
  return typeof value === "string" ? value : "";
}

// In the order in which the API server writes them.
const FIELDS = ["name", "generateName", "namespace", "uid", "resourceVersion", "generation", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds", "labels", "annotations", "ownerReferences", "finalizers"] as const;

// Accepted and dropped: this server keeps no field ownership.
const DROPPED: ReadonlySet<string> = new Set(["managedFields", "selfLink"]);
const KNOWN: ReadonlySet<string> = new Set(FIELDS);

/** Fields of metadata that no object has, as dotted paths. */
export function unknownMetaFields(object: JsonObject): readonly string[] {
  return Object.keys(metaOf(object)).filter((field) => !KNOWN.has(field) && !DROPPED.has(field)).map((field) => `metadata.${field}`);
}

/** metadata with `changes` over it: known fields only, in their order, without those that are empty. */
export function withMeta(object: JsonObject, changes: { readonly [field: string]: Json | undefined }): JsonObject {
  const meta = metaOf(object);
  const ordered: Record<string, Json> = {};
  for (const field of FIELDS) {
    const value = Object.hasOwn(changes, field) ? changes[field] : meta[field];
    if (value !== undefined && !isEmpty(value)) ordered[field] = value;
  }
  const { apiVersion, kind, metadata: _old, ...rest } = object;
  return { ...(kind === undefined ? {} : { kind }), ...(apiVersion === undefined ? {} : { apiVersion }), metadata: ordered, ...rest };
}

function isEmpty(value: Json): boolean {
  if (value === null || value === "") return true;
  if (typeof value !== "object") return false;
  return Array.isArray(value) ? value.length === 0 : Object.keys(value).length === 0;
}
