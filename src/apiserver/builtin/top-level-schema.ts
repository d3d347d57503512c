import type { ResourceSchema } from "../ports.ts";
import { without } from "./without.ts";

const EVERY_KIND = ["kind", "apiVersion", "metadata"];

/** Knows the fields at the top of a kind's objects and takes what is below as it is. */
export function topLevelSchema(fields: readonly string[]): ResourceSchema {
  const known = new Set([...EVERY_KIND, ...fields]);
  return {
    prune(object) {
      const unknown = Object.keys(object).filter((field) => !known.has(field));
      return { object: unknown.length === 0 ? object : without(object, unknown), unknown };
    },
    withDefaults: (object) => object,
    validate: () => [],
  };
}
