import type { Json } from "../../api/object.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject, sameJson } from "../same-json.ts";
import { fitsInteger, hasFormat } from "./formats.ts";

/** Asks one thing of a value of the right type; pushes what is violated. */
export type Rule = (value: Json, path: string, errors: FieldError[]) => void;

/** The rules of a schema node that need no look below it: enum, pattern, bounds and formats. Throws on a pattern that is none. */
export function scalarRules(schema: JsonObject): readonly Rule[] {
  return [...enumRule(schema), ...textRules(schema), ...numberRules(schema), ...sizeRules(schema)];
}

function invalid(value: Json, path: string, why: string): FieldError {
  return { reason: "FieldValueInvalid", field: path, message: `Invalid value: ${shown(value)}: ${path} in body ${why}` };
}

/** A value as error messages quote it. */
export function shown(value: Json): string {
  if (isArray(value)) return '"array"';
  return isObject(value) ? '"object"' : JSON.stringify(value);
}

function* enumRule(schema: JsonObject): Generator<Rule> {
  const allowed = schema["enum"];
  if (!isArray(allowed)) return;
  const supported = allowed.map((word) => JSON.stringify(word)).join(", ");
  yield (value, field, errors) => {
    if (allowed.some((word) => sameJson(word, value))) return;
    errors.push({ reason: "FieldValueNotSupported", field, message: `Unsupported value: ${shown(value)}: supported values: ${supported}` });
  };
}

function* textRules(schema: JsonObject): Generator<Rule> {
  const { pattern, format, minLength, maxLength } = schema;
  if (typeof pattern === "string") {
    const expression = compilePattern(pattern);
    yield (value, path, errors) => {
      if (typeof value === "string" && !expression.test(value)) errors.push(invalid(value, path, `should match '${pattern}'`));
    };
  }
  if (typeof format === "string") {
    yield (value, path, errors) => {
      if (typeof value === "string" && !hasFormat(format, value)) errors.push(invalid(value, path, `must be of type ${format}: ${JSON.stringify(value)}`));
      if (typeof value === "number" && !fitsInteger(format, value)) errors.push(invalid(value, path, `must be of type ${format}`));
    };
  }
  if (typeof minLength === "number") {
    yield (value, path, errors) => {
      if (typeof value === "string" && lengthOf(value) < minLength) errors.push(invalid(value, path, `should be at least ${minLength} chars long`));
    };
  }
  if (typeof maxLength === "number") {
    yield (value, field, errors) => {
      if (typeof value !== "string" || lengthOf(value) <= maxLength) return;
      errors.push({ reason: "FieldValueTooLong", field, message: `Too long: may not be more than ${maxLength} bytes` });
    };
  }
}

function* numberRules(schema: JsonObject): Generator<Rule> {
  const { minimum, maximum, multipleOf } = schema;
  const bound = (limit: Json | undefined, broken: (value: number, limit: number) => boolean, why: string): Rule[] => {
    if (typeof limit !== "number") return [];
    return [(value, path, errors) => void (typeof value === "number" && broken(value, limit) && errors.push(invalid(value, path, `${why} ${limit}`)))];
  };
  const above = schema["exclusiveMinimum"] === true;
  const below = schema["exclusiveMaximum"] === true;
  yield* bound(minimum, (value, limit) => (above ? value <= limit : value < limit), above ? "should be greater than" : "should be greater than or equal to");
  yield* bound(maximum, (value, limit) => (below ? value >= limit : value > limit), below ? "should be less than" : "should be less than or equal to");
  yield* bound(multipleOf, (value, limit) => value % limit !== 0, "should be a multiple of");
}

function* sizeRules(schema: JsonObject): Generator<Rule> {
  const size = (limit: Json | undefined, is: (value: Json) => number | undefined, broken: (count: number, limit: number) => boolean, why: (limit: number) => string): Rule[] => {
    if (typeof limit !== "number") return [];
    return [
      (value, path, errors) => {
        const count = is(value);
        if (count !== undefined && broken(count, limit)) errors.push(invalid(value, path, why(limit)));
      },
    ];
  };
  const items = (value: Json): number | undefined => (isArray(value) ? value.length : undefined);
  const fields = (value: Json): number | undefined => (isObject(value) ? Object.keys(value).length : undefined);
  const few = (count: number, limit: number): boolean => count < limit;
  const many = (count: number, limit: number): boolean => count > limit;
  yield* size(schema["minItems"], items, few, (limit) => `should have at least ${limit} items`);
  yield* size(schema["maxItems"], items, many, (limit) => `should have at most ${limit} items`);
  yield* size(schema["minProperties"], fields, few, (limit) => `should have at least ${limit} properties`);
  yield* size(schema["maxProperties"], fields, many, (limit) => `should have at most ${limit} properties`);
}

/** Length in characters, as the API server counts them. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** RE2 as JavaScript writes it; with Unicode where that parses. */
function compilePattern(pattern: string): RegExp {
  try {
    return new RegExp(pattern, "u");
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return new RegExp(pattern);
  }
}
