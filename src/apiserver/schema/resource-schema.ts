import type { FieldError, JsonObject, ResourceSchema } from "../ports.ts";
import { isObject } from "../same-json.ts";
import { compileValue } from "./value-schema.ts";

/** Fields of every object that are the API machinery's; a kind's schema has no say in them. */
const MACHINERY = { apiVersion: { type: "string" }, kind: { type: "string" }, metadata: { type: "object", "x-kubernetes-preserve-unknown-fields": true } } as const;

/** What an `openAPIV3Schema` of a CustomResourceDefinition does to whole objects. Throws on an expression or pattern that does not parse. */
export function resourceSchema(openApi: JsonObject): ResourceSchema {
  const properties = isObject(openApi["properties"]) ? openApi["properties"] : {};
  const root = compileValue({ ...openApi, properties: { ...properties, ...MACHINERY } });
  return {
    prune(object) {
      const unknown: string[] = [];
      // Pruning an object gives an object.
      return { object: root.prune(object, "", unknown) as JsonObject, unknown };
    },
    withDefaults: (object) => root.withDefaults(object) as JsonObject,
    validate(object, old) {
      const errors: FieldError[] = [];
      root.validate(object, old, "", errors);
      return errors;
    },
  };
}
