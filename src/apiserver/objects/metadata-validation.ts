import type { Json } from "../../api/object.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject } from "../same-json.ts";
import { fieldText } from "../selectors/field-selector.ts";
import type { KindTraits } from "./kind-traits.ts";
import { metaOf, metaText } from "./metadata.ts";

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const NAME_PART = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const ANNOTATION_BYTES = 262_144;
const STANDARD_FINALIZERS: ReadonlySet<string> = new Set(["foregroundDeletion", "orphan", "kubernetes"]);

const SUBDOMAIN_RULE =
  "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
const LABEL_RULE =
  "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')";
const NAME_PART_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";
const KEY_RULE =
  "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
const VALUE_RULE =
  "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";

/** Violations in the metadata of an object that is to be stored. */
export function validateMeta(object: JsonObject, traits: KindTraits): readonly FieldError[] {
  return [
    ...validateName(metaText(object, "name"), traits.nameRule),
    ...validateLabels(mapOf(object, "labels"), "metadata.labels"),
    ...validateAnnotations(mapOf(object, "annotations"), "metadata.annotations"),
    ...validateOwners(metaOf(object)["ownerReferences"]),
    ...validateFinalizers(finalizersOf(object)),
  ];
}

/** Violations of what may not change, or may change only one way. */
export function validateMetaUpdate(object: JsonObject, old: JsonObject): readonly FieldError[] {
  const [meta, oldMeta] = [metaOf(object), metaOf(old)];
  const immutable = ["name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"]
    .filter((field) => (meta[field] ?? null) !== (oldMeta[field] ?? null))
    .map((field) => invalidValue(`metadata.${field}`, meta[field] ?? null, "field is immutable"));
  if (oldMeta["deletionTimestamp"] === undefined) return immutable;
  const before = new Set(finalizersOf(old));
  const added = finalizersOf(object).filter((finalizer) => !before.has(finalizer));
  if (added.length === 0) return immutable;
  const found = added.map((finalizer) => JSON.stringify(finalizer)).join(", ");
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{${found}}`;
  return [...immutable, { reason: "FieldValueForbidden", field: "metadata.finalizers", message }];
}

/** The finalizers of an object; those that are no strings are left out. */
export function finalizersOf(object: JsonObject): readonly string[] {
  const finalizers = metaOf(object)["finalizers"];
  return isArray(finalizers) ? finalizers.filter((finalizer) => typeof finalizer === "string") : [];
}

/** An "Invalid value" complaint as the API words it. */
export function invalidValue(field: string, value: Json, why: string): FieldError {
  return { reason: "FieldValueInvalid", field, message: `Invalid value: ${JSON.stringify(value)}: ${why}` };
}

/** A "Required value" complaint as the API words it. */
export function requiredValue(field: string, why?: string): FieldError {
  return { reason: "FieldValueRequired", field, message: why ? `Required value: ${why}` : "Required value" };
}

function validateName(name: string, rule: KindTraits["nameRule"]): readonly FieldError[] {
  const field = "metadata.name";
  if (name === "") return [requiredValue(field, "name or generateName is required")];
  if (rule === "path-segment") return /[/%]/.test(name) || name === "." || name === ".." ? [invalidValue(field, name, "may not contain '/'")] : [];
  const max = rule === "label" ? 63 : 253;
  if (name.length > max) return [invalidValue(field, name, `must be no more than ${max} bytes`)];
  const [pattern, why] = rule === "label" ? [LABEL, LABEL_RULE] : [SUBDOMAIN, SUBDOMAIN_RULE];
  return pattern.test(name) ? [] : [invalidValue(field, name, why)];
}

/** Violations in a map of labels that stands at `field`. */
export function validateLabels(labels: JsonObject, field: string): readonly FieldError[] {
  return Object.entries(labels).flatMap(([key, value]) => {
    const errors = keyErrors(field, key);
    if (typeof value !== "string") return [...errors, invalidValue(field, value, VALUE_RULE)];
    if (value.length > 63) return [...errors, invalidValue(field, value, "must be no more than 63 bytes")];
    return value === "" || NAME_PART.test(value) ? errors : [...errors, invalidValue(field, value, VALUE_RULE)];
  });
}

/** Violations in a map of annotations that stands at `field`: their keys, in whatever case, and their size all together. */
export function validateAnnotations(annotations: JsonObject, field: string): readonly FieldError[] {
  const bytes = Object.entries(annotations).reduce((sum, [key, value]) => sum + Buffer.byteLength(key) + (typeof value === "string" ? Buffer.byteLength(value) : 0), 0);
  const tooLong: readonly FieldError[] = bytes > ANNOTATION_BYTES ? [{ reason: "FieldValueTooLong", field, message: `Too long: may not be more than ${ANNOTATION_BYTES} bytes` }] : [];
  return [...Object.keys(annotations).flatMap((key) => keyErrors(field, key.toLowerCase())), ...tooLong];
}

/** Violations of the rule for a name that is a DNS label or subdomain, at `field`. */
export function validateDnsName(name: string, field: string, rule: "label" | "subdomain"): readonly FieldError[] {
  const max = rule === "label" ? 63 : 253;
  if (name.length > max) return [invalidValue(field, name, `must be no more than ${max} characters`)];
  const [pattern, why] = rule === "label" ? [LABEL, LABEL_RULE] : [SUBDOMAIN, SUBDOMAIN_RULE];
  return pattern.test(name) ? [] : [invalidValue(field, name, why)];
}

function mapOf(object: JsonObject, field: string): JsonObject {
  const value = metaOf(object)[field];
  return isObject(value) ? value : {};
}

function keyErrors(field: string, key: string): readonly FieldError[] {
  const [prefix, name, ...more] = key.includes("/") ? key.split("/") : [undefined, key];
  if (more.length > 0 || name === undefined) return [invalidValue(field, key, KEY_RULE)];
  if (prefix !== undefined && !SUBDOMAIN.test(prefix)) return [invalidValue(field, key, `prefix part ${SUBDOMAIN_RULE}`)];
  if (name.length > 63) return [invalidValue(field, key, "name part must be no more than 63 bytes")];
  return NAME_PART.test(name) ? [] : [invalidValue(field, key, NAME_PART_RULE)];
}

function validateOwners(owners: Json | undefined): readonly FieldError[] {
  if (!isArray(owners)) return [];
  const missing = owners.flatMap((owner, at) =>
    ["apiVersion", "kind", "name", "uid"].filter((field) => !isObject(owner) || typeof owner[field] !== "string" || owner[field] === "").map((field) => requiredValue(`metadata.ownerReferences[${at}].${field}`, "must not be empty")),
  );
  const controllers = owners.filter((owner) => isObject(owner) && owner["controller"] === true);
  if (controllers.length < 2) return missing;
  const names = controllers.map((owner) => (isObject(owner) ? `${fieldText(owner, "kind")}/${fieldText(owner, "name")}` : ""));
  return [...missing, invalidValue("metadata.ownerReferences", owners, `Only one reference can have Controller set to true. Found "true" in references for ${names.join(" and ")}`)];
}

function validateFinalizers(finalizers: readonly string[]): readonly FieldError[] {
  return finalizers.flatMap((finalizer, at) => {
    const field = `metadata.finalizers[${at}]`;
    if (!finalizer.includes("/") && !STANDARD_FINALIZERS.has(finalizer)) return [invalidValue(field, finalizer, "name is neither a standard finalizer name nor is it fully qualified")];
    return keyErrors(field, finalizer);
  });
}
