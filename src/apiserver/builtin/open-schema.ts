import type { ResourceSchema } from "../ports.ts";

/** Takes everything as it is. */
export const openSchema: ResourceSchema = {
  prune: (object) => ({ object, unknown: [] }),
  withDefaults: (object) => object,
  validate: () => [],
};
