import type { Json } from "../../api/object.ts";
import type { JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";

type Check = (value: Json) => boolean;

const text: Check = (value) => typeof value === "string";
const whole: Check = (value) => typeof value === "number" && Number.isInteger(value);
const texts: Check = (value) => isArray(value) && value.every(text);
const textMap: Check = (value) => isObject(value) && Object.values(value).every(text);
const owners: Check = (value) => isArray(value) && value.every((owner) => isObject(owner) && Object.entries(owner).every(([field, part]) => (field === "controller" || field === "blockOwnerDeletion" ? typeof part === "boolean" : text(part))));

const TYPES: Readonly<Record<string, readonly [check: Check, goType: string]>> = {
  name: [text, "string"],
  generateName: [text, "string"],
  namespace: [text, "string"],
  uid: [text, "types.UID"],
  resourceVersion: [text, "string"],
  creationTimestamp: [text, "Time"],
  deletionTimestamp: [text, "Time"],
  generation: [whole, "int64"],
  deletionGracePeriodSeconds: [whole, "int64"],
  labels: [textMap, "map[string]string"],
  annotations: [textMap, "map[string]string"],
  ownerReferences: [owners, "[]v1.OwnerReference"],
  finalizers: [texts, "[]string"],
};

/** Why an object's metadata can not be decoded, whatever its kind; undefined when it can. null stands for what is absent. */
export function undecodableMeta(object: JsonObject): string | undefined {
  const meta = object["metadata"];
  if (meta === undefined || meta === null) return undefined;
  if (!isObject(meta)) return wrongType(meta, "metadata", "v1.ObjectMeta");
  for (const [field, value] of Object.entries(meta)) {
    const type = Object.hasOwn(TYPES, field) ? TYPES[field] : undefined;
    if (type && value !== null && !type[0](value)) return wrongType(value, `ObjectMeta.metadata.${field}`, type[1]);
  }
  return undefined;
}

function wrongType(value: Json, field: string, goType: string): string {
  return `json: cannot unmarshal ${isArray(value) ? "array" : typeof value} into Go struct field ${field} of type ${goType}`;
}
