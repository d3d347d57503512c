import { Environment } from "@marcbachmann/cel-js";
import type { Json } from "../../api/object.ts";
import type { FieldError, JsonObject } from "../ports.ts";
import { isArray, isObject, mapKept } from "../same-json.ts";

/** A rule of `x-kubernetes-validations`, compiled. */
export interface CelRule {
  /** Whether it speaks of `oldSelf`: it is then asked only where there is an old value. */
  readonly transition: boolean;
  /** The violation, if there is one. A rule that can not be evaluated is violated. */
  check(self: Json, oldSelf: Json | undefined, path: string): FieldError | undefined;
}

const environment = new Environment({ unlistedVariablesAreDyn: true, enableOptionalTypes: true, homogeneousAggregateLiterals: false });

const REASONS: Readonly<Record<string, FieldError["reason"]>> = {
  FieldValueRequired: "FieldValueRequired",
  FieldValueForbidden: "FieldValueForbidden",
  FieldValueDuplicate: "FieldValueDuplicate",
};

/** The rules of one schema node; throws with what is wrong with an expression that does not parse. */
export function compileRules(schema: JsonObject): readonly CelRule[] {
  const rules = schema["x-kubernetes-validations"];
  return isArray(rules) ? rules.filter(isObject).map(compileRule) : [];
}

function compileRule(rule: JsonObject): CelRule {
  const text = typeof rule["rule"] === "string" ? rule["rule"] : "";
  const evaluate = environment.parse(text);
  const transition = /\boldSelf\b/.test(text);
  const optional = rule["optionalOldSelf"] === true;
  const told = typeof rule["message"] === "string" ? rule["message"] : `failed rule: ${text}`;
  const compose = typeof rule["messageExpression"] === "string" ? environment.parse(rule["messageExpression"]) : undefined;
  const reason = (typeof rule["reason"] === "string" ? REASONS[rule["reason"]] : undefined) ?? "FieldValueInvalid";
  const fieldPath = typeof rule["fieldPath"] === "string" ? rule["fieldPath"] : "";
  return {
    transition: transition && !optional,
    check(self, oldSelf, path) {
      const values = { self: celValue(self), ...(oldSelf === undefined ? {} : { oldSelf: celValue(oldSelf) }) };
      try {
        if (evaluate(values) === true) return undefined;
        return violation(compose ? String(compose(values)) : told);
      } catch (error) {
        return violation(`${error instanceof Error ? (error.message.split("\n")[0] ?? "") : String(error)} evaluating rule: ${told}`);
      }

      function violation(message: string): FieldError {
        return { reason, field: `${path}${fieldPath}` || "<nil>", message: `Invalid value: ${JSON.stringify(typeWord(self))}: ${message}` };
      }
    },
  };
}

function typeWord(value: Json): string {
  if (value === null) return "null";
  if (isArray(value)) return "array";
  return typeof value === "object" ? "object" : String(value);
}

/** JSON as CEL takes it: whole numbers are ints. What holds none of them stays the very object that it is. */
function celValue(value: Json): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (isArray(value)) return mapKept(value, celValue);
  if (!isObject(value)) return value;
  let copy: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const field = value[name];
    const converted = field === undefined ? field : celValue(field);
    if (converted !== field) (copy ??= { ...value })[name] = converted;
  }
  return copy ?? value;
}
