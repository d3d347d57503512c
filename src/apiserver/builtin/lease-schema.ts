import type { FieldError, ResourceSchema } from "../ports.ts";
import { invalidValue } from "../objects/metadata-validation.ts";
import { objectAt } from "../objects/strategies.ts";
import { without } from "./without.ts";
import type { Json } from "../../api/object.ts";

const TEXTS: ReadonlySet<string> = new Set(["holderIdentity", "preferredHolder", "strategy"]);
const TIMES: ReadonlySet<string> = new Set(["acquireTime", "renewTime"]);
const NUMBERS: ReadonlySet<string> = new Set(["leaseDurationSeconds", "leaseTransitions"]);
const MICRO_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}(Z|[+-]\d\d:\d\d)$/;

/** coordination.k8s.io/v1 Lease: every field of its spec is optional, times have exactly six fractional digits. */
export const leaseSchema: ResourceSchema = {
  prune(lease) {
    const top = Object.keys(lease).filter((field) => !["kind", "apiVersion", "metadata", "spec"].includes(field));
    const spec = objectAt(lease, "spec");
    const inSpec = Object.keys(spec).filter((field) => !TEXTS.has(field) && !TIMES.has(field) && !NUMBERS.has(field));
    if (top.length === 0 && inSpec.length === 0) return { object: lease, unknown: [] };
    return { object: { ...without(lease, top), spec: without(spec, inSpec) }, unknown: [...top, ...inSpec.map((field) => `spec.${field}`)] };
  },
  withDefaults: (lease) => ({ ...lease, spec: Object.fromEntries(Object.entries(objectAt(lease, "spec")).flatMap(([field, value]) => (value === null ? [] : [[field, normal(field, value)]]))) }),
  validate: (lease) => Object.entries(objectAt(lease, "spec")).flatMap(([field, value]) => check(field, value)),
};

// Times are stored in UTC.
function normal(field: string, value: Json): Json {
  if (!TIMES.has(field) || typeof value !== "string" || value.endsWith("Z") || !MICRO_TIME.test(value)) return value;
  return `${new Date(Date.parse(value)).toISOString().slice(0, 20)}${value.slice(20, 26)}Z`;
}

function check(field: string, value: Json): readonly FieldError[] {
  const path = `spec.${field}`;
  if (TEXTS.has(field)) return typeof value === "string" ? [] : [wrongType(path, value, "string")];
  if (TIMES.has(field)) return typeof value === "string" && MICRO_TIME.test(value) ? [] : [notMicroTime(path, value)];
  if (typeof value !== "number" || !Number.isInteger(value)) return [wrongType(path, value, "int32")];
  if (field === "leaseDurationSeconds" && value <= 0) return [invalidValue(path, value, "must be greater than 0")];
  return value < 0 ? [invalidValue(path, value, "must be greater than or equal to 0")] : [];
}

function wrongType(path: string, value: Json, type: string): FieldError {
  return { reason: "FieldValueTypeInvalid", field: path, message: `json: cannot unmarshal ${typeof value} into Go struct field LeaseSpec.${path} of type ${type}` };
}

function notMicroTime(path: string, value: Json): FieldError {
  return { reason: "FieldValueTypeInvalid", field: path, message: `parsing time ${JSON.stringify(value)} as "2006-01-02T15:04:05.000000Z07:00": cannot parse it` };
}
