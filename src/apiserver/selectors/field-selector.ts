import type { Json } from "../../api/object.ts";
import type { JsonObject, ResourceInfo } from "../ports.ts";
import { isObject } from "../same-json.ts";
import { badRequest } from "../status-error.ts";

/** A parsed field selector. */
export interface FieldSelector {
  matches(object: JsonObject): boolean;
  /** The name that it demands, where it demands one. */
  readonly name: string | undefined;
}

interface Term {
  readonly path: string;
  readonly equal: boolean;
  readonly value: string;
}

/** Parses `metadata.name=a,spec.b!=c`. Undefined for an empty one; StatusError 400 for a field that the kind does not serve. */
export function fieldSelector(text: string | undefined, resource: ResourceInfo): FieldSelector | undefined {
  if (text === undefined || text === "") return undefined;
  const terms = text.split(/(?<!\\),/).filter(Boolean).map(termOf);
  for (const { path } of terms) assertServed(path, resource);
  return {
    matches: (object) => terms.every(({ path, equal, value }) => (fieldText(object, path) === value) === equal),
    name: terms.find(({ path, equal }) => equal && path === "metadata.name")?.value,
  };
}

function termOf(text: string): Term {
  const match = /^(.*?)(!=|==|=)(.*)$/s.exec(text);
  if (!match) throw badRequest(`invalid selector: '${text}'; can't understand '${text}'`);
  const [, path = "", operator, value = ""] = match;
  return { path, equal: operator !== "!=", value: value.replaceAll(/\\([\\,=])/g, "$1") };
}

function assertServed(path: string, { selectableFields, strategicMerge }: ResourceInfo): void {
  if (path === "metadata.name" || path === "metadata.namespace" || selectableFields.includes(path)) return;
  if (!strategicMerge) throw badRequest(`field label not supported: ${path}`);
  const known = ["metadata.name", "metadata.namespace", ...selectableFields].map((field) => `"${field}"`);
  throw badRequest(`"${path}" is not a known field selector: only ${known.join(", ")}`);
}

/** The value at a dotted path as selectors compare it; empty where there is none. */
export function fieldText(object: JsonObject, path: string): string {
  let at: Json | undefined = object;
  for (const part of path.split(".")) at = isObject(at) ? at[part] : undefined;
  return at === undefined || at === null || typeof at === "object" ? "" : String(at);
}
