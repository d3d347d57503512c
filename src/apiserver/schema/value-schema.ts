import type { Json } from "../../api/object.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject, mapKept, sameJson } from "../same-json.ts";
import { compileRules } from "./cel-rules.ts";
import { scalarRules, shown } from "./scalar-rules.ts";

/** A structural schema node, compiled once into what it does to values. */
export interface ValueSchema {
  readonly nullable: boolean;
  /** Present where the schema gives a default. */
  readonly fallback: Json | undefined;
  /** The value without fields that no schema names; their paths are added to `unknown`. */
  prune(value: Json, path: string, unknown: string[]): Json;
  withDefaults(value: Json): Json;
  /** What is unchanged since `old` is not looked at again: it may break rules that came after it. */
  validate(value: Json, old: Json | undefined, path: string, errors: FieldError[]): void;
}

/** Compiles a node and all below it. Throws on a CEL expression or pattern that does not parse. */
export function compileValue(schema: JsonObject): ValueSchema {
  const properties = new Map(Object.entries(isObject(schema["properties"]) ? schema["properties"] : {}).map(([name, node]) => [name, compileValue(objectOf(node))]));
  const additional = isObject(schema["additionalProperties"]) ? compileValue(schema["additionalProperties"]) : undefined;
  const items = isObject(schema["items"]) ? compileValue(schema["items"]) : undefined;
  return new Node(schema, { properties, additional, items });
}

interface Below {
  readonly properties: ReadonlyMap<string, ValueSchema>;
  readonly additional: ValueSchema | undefined;
  readonly items: ValueSchema | undefined;
}

class Node implements ValueSchema {
  readonly nullable: boolean;
  readonly fallback: Json | undefined;
  readonly #below: Below;
  readonly #open: boolean;
  readonly #type: string;
  readonly #intOrString: boolean;
  readonly #required: readonly string[];
  readonly #listKeys: readonly string[] | undefined;
  readonly #listSet: boolean;
  readonly #scalars: ReturnType<typeof scalarRules>;
  readonly #rules: ReturnType<typeof compileRules>;

  constructor(schema: JsonObject, below: Below) {
    this.#below = below;
    this.nullable = schema["nullable"] === true;
    this.fallback = schema["default"];
    this.#type = typeof schema["type"] === "string" ? schema["type"] : "";
    this.#intOrString = schema["x-kubernetes-int-or-string"] === true;
    this.#open = schema["x-kubernetes-preserve-unknown-fields"] === true || schema["additionalProperties"] === true || (this.#type === "" && !this.#intOrString);
    this.#required = isArray(schema["required"]) ? schema["required"].map(String) : [];
    this.#listKeys = schema["x-kubernetes-list-type"] === "map" && isArray(schema["x-kubernetes-list-map-keys"]) ? schema["x-kubernetes-list-map-keys"].map(String) : undefined;
    this.#listSet = schema["x-kubernetes-list-type"] === "set";
    this.#scalars = scalarRules(schema);
    this.#rules = compileRules(schema);
  }

  prune(value: Json, path: string, unknown: string[]): Json {
    const { items } = this.#below;
    if (isArray(value)) return items ? mapKept(value, (item, at) => items.prune(item, `${path}[${at}]`, unknown)) : value;
    if (!isObject(value)) return value;
    const kept: Record<string, Json> = {};
    let changed = false;
    for (const [name, field] of Object.entries(value)) {
      const schema = this.#field(name);
      const at = path ? `${path}.${name}` : name;
      if (!schema) {
        if (this.#open) kept[name] = field;
        else {
          unknown.push(at);
          changed = true;
        }
        continue;
      }
      const pruned = schema.prune(field, at, unknown);
      changed ||= pruned !== field;
      kept[name] = pruned;
    }
    return changed ? kept : value;
  }

  withDefaults(value: Json): Json {
    const { items, properties, additional } = this.#below;
    if (isArray(value)) return items ? mapKept(value, (item) => items.withDefaults(item)) : value;
    if (!isObject(value) || (properties.size === 0 && !additional)) return value;
    const filled: Record<string, Json> = {};
    let changed = false;
    for (const [name, field] of Object.entries(value)) {
      const schema = this.#field(name);
      // A null where none may be is taken as absent, so that a default can take its place.
      if (field === null && schema && !schema.nullable) {
        changed = true;
        continue;
      }
      const next = schema ? schema.withDefaults(field) : field;
      changed ||= next !== field;
      filled[name] = next;
    }
    for (const [name, schema] of properties) {
      if (schema.fallback === undefined || Object.hasOwn(filled, name)) continue;
      filled[name] = schema.withDefaults(schema.fallback);
      changed = true;
    }
    return changed ? filled : value;
  }

  validate(value: Json, old: Json | undefined, path: string, errors: FieldError[]): void {
    if (old !== undefined && sameJson(value, old)) return;
    if (value === null && this.nullable) return;
    if (!this.#hasType(value)) {
      errors.push({ reason: "FieldValueTypeInvalid", field: path, message: `Invalid value: ${shown(value)}: ${path} in body must be of type ${this.#type || "integer or string"}: ${shown(typeOf(value))}` });
      return;
    }
    for (const rule of this.#scalars) rule(value, path, errors);
    if (isArray(value)) this.#validateItems(value, old, path, errors);
    else if (isObject(value)) this.#validateFields(value, isObject(old) ? old : undefined, path, errors);
    for (const rule of this.#rules) {
      if (rule.transition && old === undefined) continue;
      const violation = rule.check(value, old, path);
      if (violation) errors.push(violation);
    }
  }

  #field(name: string): ValueSchema | undefined {
    return this.#below.properties.get(name) ?? this.#below.additional;
  }

  #hasType(value: Json): boolean {
    if (this.#intOrString) return typeof value === "string" || Number.isInteger(value);
    switch (this.#type) {
      case "object":
        return isObject(value);
      case "array":
        return isArray(value);
      case "integer":
        return Number.isInteger(value);
      case "number":
        return typeof value === "number";
      case "string":
        return typeof value === "string";
      case "boolean":
        return typeof value === "boolean";
      default:
        return true;
    }
  }

  #validateFields(value: JsonObject, old: JsonObject | undefined, path: string, errors: FieldError[]): void {
    const at = (name: string): string => (path ? `${path}.${name}` : name);
    for (const name of this.#required) {
      if (!Object.hasOwn(value, name)) errors.push({ reason: "FieldValueRequired", field: at(name), message: "Required value" });
    }
    for (const [name, field] of Object.entries(value)) this.#field(name)?.validate(field, old?.[name], at(name), errors);
  }

  #validateItems(value: readonly Json[], old: Json | undefined, path: string, errors: FieldError[]): void {
    const keys = value.map((item) => this.#keyOf(item));
    const before = this.#listKeys && isArray(old) ? new Map(old.map((item) => [this.#keyOf(item), item])) : undefined;
    const seen = new Set<string>();
    for (const [at, item] of value.entries()) {
      const key = keys[at];
      if (key !== undefined && seen.has(key)) errors.push({ reason: "FieldValueDuplicate", field: `${path}[${at}]`, message: `Duplicate value: ${key}` });
      if (key !== undefined) seen.add(key);
      this.#below.items?.validate(item, before?.get(key), `${path}[${at}]`, errors);
    }
  }

  /** What tells items of a map or set list apart; undefined for lists that are neither. */
  #keyOf(item: Json): string | undefined {
    if (this.#listSet) return JSON.stringify(item);
    if (!this.#listKeys) return undefined;
    return JSON.stringify(Object.fromEntries(this.#listKeys.map((name) => [name, isObject(item) ? (item[name] ?? null) : null])));
  }
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  return isArray(value) ? "array" : typeof value;
}

function objectOf(node: Json): JsonObject {
  return isObject(node) ? node : {};
}
