import type { Json } from "../api/object.ts";

/** Whether two values say the same; the order of an object's fields does not count. Shared parts cost nothing. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (isArray(a)) return isArray(b) && a.length === b.length && a.every((item, at) => sameJson(item, b[at]));
  if (isArray(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => Object.hasOwn(b, key) && sameJson(a[key], b[key]));
}

/** Array.isArray that knows readonly arrays. */
export function isArray(value: unknown): value is readonly Json[] {
  return Array.isArray(value);
}

/** Whether the value is a JSON object: not null, not an array. */
export function isObject(value: Json | undefined): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !isArray(value);
}

/** The list with each item mapped; the very same list where nothing changes. */
export function mapKept<T, R>(list: readonly T[], map: (item: T, at: number) => R): readonly (T | R)[] {
  const mapped: readonly (T | R)[] = list.map(map);
  return mapped.every((item, at) => item === list[at]) ? list : mapped;
}
