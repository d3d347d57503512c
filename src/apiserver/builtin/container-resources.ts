import type { Json } from "../../api/object.ts";
import { invalidValue } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { quantityOf } from "./quantity.ts";

const STANDARD: ReadonlySet<string> = new Set(["cpu", "memory", "ephemeral-storage"]);
const NO_QUANTITY = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/** What is wrong with a container's `resources`, which stand at `path`: names, quantities, and requests above their limits. */
export function validateResources(resources: JsonObject, path: string): readonly FieldError[] {
  const [limits, requests] = [objectAt(resources, "limits"), objectAt(resources, "requests")];
  return [...list(limits, `${path}.limits`), ...list(requests, `${path}.requests`), ...Object.entries(requests).flatMap(([name, value]) => against(name, value, limits[name], path))];
}

function list(quantities: JsonObject, path: string): readonly FieldError[] {
  return Object.entries(quantities).flatMap(([name, value]) => one(name, value, `${path}[${name}]`));
}

function one(name: string, value: Json, field: string): readonly FieldError[] {
  const quantity = quantityOf(value);
  if (quantity === undefined) return [{ reason: "FieldValueTypeInvalid", field, message: NO_QUANTITY }];
  if (quantity < 0) return [invalidValue(field, shown(value), "must be greater than or equal to 0")];
  if (name.includes("/")) return Number.isInteger(quantity) ? [] : [invalidValue(field, shown(value), "must be an integer")];
  if (STANDARD.has(name) || name.startsWith("hugepages-")) return [];
  const unqualified = name === "storage" ? [] : [invalidValue(field, name, "must be a standard resource type or fully qualified")];
  return [...unqualified, invalidValue(field, name, "must be a standard resource for containers")];
}

function against(name: string, request: Json, limit: Json | undefined, path: string): readonly FieldError[] {
  const asked = quantityOf(request);
  if (limit === undefined) return name.includes("/") ? [{ reason: "FieldValueRequired", field: `${path}.limits`, message: "Required value: Limit must be set for non overcommitable resources" }] : [];
  const most = quantityOf(limit);
  if (asked === undefined || most === undefined || asked <= most) return [];
  return [invalidValue(`${path}.requests`, shown(request), `must be less than or equal to ${name} limit of ${shown(limit)}`)];
}

function shown(value: Json): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}
