import type { Schema } from "./crd-schema.ts";

/** What a server with this schema would refuse or drop. */
export function complaints(schema: Schema, value: unknown, path: string): readonly string[] {
  if (schema["x-kubernetes-preserve-unknown-fields"] || schema["x-kubernetes-int-or-string"]) return [];
  if (value === null) return schema.nullable ? [] : [`${path}: null`];
  if (schema.type === "object") return objectComplaints(schema, value, path);
  if (schema.type === "string") return stringComplaints(schema, value, path);
  if (schema.type === "array") return Array.isArray(value) ? value.flatMap((item, index) => complaints(schema.items ?? {}, item, `${path}[${index}]`)) : [`${path}: no array`];
  if (schema.type === "integer") return Number.isInteger(value) ? [] : [`${path}: no integer`];
  return typeof value === schema.type ? [] : [`${path}: no ${schema.type}`];
}

function objectComplaints(schema: Schema, value: unknown, path: string): readonly string[] {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return [`${path}: no object`];
  const missing = (schema.required ?? []).filter((name) => !Object.hasOwn(value, name)).map((name) => `${path}.${name}: missing`);
  const below = Object.entries(value).flatMap(([name, child]) => {
    const known = schema.properties?.[name] ?? schema.additionalProperties;
    return known ? complaints(known, child, `${path}.${name}`) : [`${path}.${name}: unknown`];
  });
  return [...missing, ...below];
}

function stringComplaints(schema: Schema, value: unknown, path: string): readonly string[] {
  if (typeof value !== "string") return [`${path}: no string`];
  if (schema.enum && !schema.enum.includes(value)) return [`${path}: ${value} is none of ${schema.enum.join(", ")}`];
  if (schema.pattern && !new RegExp(schema.pattern).test(value)) return [`${path}: ${value} does not match ${schema.pattern}`];
  if (schema.format === "date-time" && Number.isNaN(Date.parse(value))) return [`${path}: ${value} is no time`];
  return [];
}
