import type { Json } from "../../api/object.ts";
import type { StrategicMerge } from "../context.ts";
import type { JsonObject } from "../ports.ts";
import { isArray, isObject, sameJson } from "../same-json.ts";

/**
 * By which field the items of a built-in kind's list are told apart. Lists of texts in `SETS` are merged as sets; every
 * other list is replaced whole.
 */
const KEYS: Readonly<Record<string, string>> = {
  containers: "name",
  initContainers: "name",
  ephemeralContainers: "name",
  env: "name",
  volumes: "name",
  volumeMounts: "mountPath",
  volumeDevices: "devicePath",
  imagePullSecrets: "name",
  hostAliases: "ip",
  topologySpreadConstraints: "topologyKey",
  conditions: "type",
  ownerReferences: "uid",
  secrets: "name",
  addresses: "type",
  taints: "key",
};
const PORT_KEYS = ["containerPort", "port"] as const;
const SETS: ReadonlySet<string> = new Set(["finalizers"]);
const DIRECTIVE = "$patch";
const ORDER = "$setElementOrder/";
const DELETE_FROM = "$deleteFromPrimitiveList/";
const RETAIN = "$retainKeys";

/** A strategic merge patch: maps merged, lists of named items merged by name, `$patch` and its relatives obeyed. Pure. */
export const strategicMerge: StrategicMerge = (_resource, object, patch) => mergeMap(object, patch);

function mergeMap(object: JsonObject, patch: JsonObject): JsonObject {
  if (patch[DIRECTIVE] === "replace") return withoutDirectives(patch);
  if (patch[DIRECTIVE] === "delete") return {};
  const merged: Record<string, Json> = retained(object, patch);
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith("$")) continue;
    if (value === null) delete merged[name];
    else merged[name] = mergeField(name, merged[name], value);
  }
  for (const [name, value] of Object.entries(patch)) {
    if (name.startsWith(DELETE_FROM) && isArray(value)) deleteFrom(merged, name.slice(DELETE_FROM.length), value);
    if (name.startsWith(ORDER) && isArray(value)) reorder(merged, name.slice(ORDER.length), value);
  }
  return merged;
}

function retained(object: JsonObject, patch: JsonObject): Record<string, Json> {
  const keys = patch[RETAIN];
  return isArray(keys) ? Object.fromEntries(Object.entries(object).filter(([name]) => keys.includes(name))) : { ...object };
}

function mergeField(name: string, old: Json | undefined, value: Json): Json {
  if (isObject(value)) return isObject(old) ? mergeMap(old, value) : mergeMap({}, value);
  if (!isArray(value)) return value;
  if (SETS.has(name)) return [...(isArray(old) ? old : []), ...value.filter((item) => !(isArray(old) && old.includes(item)))];
  const key = keyOf(name, value, old);
  return key === undefined ? value : mergeList(isArray(old) ? old : [], value, key);
}

/** The field by which the items of the list are told apart; undefined for a list that is replaced whole. */
function keyOf(name: string, ...lists: readonly (Json | undefined)[]): string | undefined {
  const items = lists.flatMap((list) => (isArray(list) ? list : [])).filter(isObject);
  if (name === "ports") return PORT_KEYS.find((key) => items.some((item) => key in item));
  const key = KEYS[name];
  return key && items.every((item) => key in item || DIRECTIVE in item) ? key : undefined;
}

function mergeList(old: readonly Json[], patch: readonly Json[], key: string): readonly Json[] {
  if (patch.some((item) => isObject(item) && item[DIRECTIVE] === "replace" && Object.keys(item).length === 1)) return patch.filter((item) => !(isObject(item) && DIRECTIVE in item));
  const merged = [...old];
  for (const item of patch) {
    if (!isObject(item)) continue;
    const at = merged.findIndex((other) => isObject(other) && sameJson(other[key], item[key]));
    const before = merged[at];
    if (item[DIRECTIVE] === "delete") {
      if (at >= 0) merged.splice(at, 1);
    } else if (isObject(before)) merged[at] = mergeMap(before, item);
    else merged.push(mergeMap({}, item));
  }
  return merged;
}

function deleteFrom(merged: Record<string, Json>, name: string, gone: readonly Json[]): void {
  const list = merged[name];
  if (isArray(list)) merged[name] = list.filter((item) => !gone.some((other) => sameJson(item, other)));
}

/** Puts the items that the order names into that order; others stay behind those that they followed. */
function reorder(merged: Record<string, Json>, name: string, order: readonly Json[]): void {
  const list = merged[name];
  if (!isArray(list)) return;
  const key = keyOf(name, list);
  const placeOf = (item: Json): number => order.findIndex((wanted) => (key !== undefined && isObject(wanted) && isObject(item) ? sameJson(wanted[key], item[key]) : sameJson(wanted, item)));
  const places = list.map(placeOf);
  let last = -1;
  const placed = list.map((item, at) => {
    const place = places[at] ?? -1;
    last = place >= 0 ? place : last;
    return { item, place: place >= 0 ? place : last + 0.5, at };
  });
  merged[name] = placed.toSorted((a, b) => a.place - b.place || a.at - b.at).map(({ item }) => item);
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([name]) => !name.startsWith("$")));
}
