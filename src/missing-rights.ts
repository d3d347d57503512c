import { resourceName, type Right } from "./needed-rights.ts";

/** Missing rights for people to read: a heading, a line per resource with its verbs, and what to do; nothing when none is missing. */
export function missingRightsText(missing: readonly Right[], namespace: string, whatToDo: string): readonly string[] {
  if (missing.length === 0) return [];
  const verbs = new Map<string, string[]>();
  for (const right of missing) {
    const resource = resourceName(right);
    verbs.set(resource, [...(verbs.get(resource) ?? []), right.verb]);
  }
  const width = Math.max(...[...verbs.keys()].map(({ length }) => length));
  return [`rights are missing in namespace ${namespace}:`, ...[...verbs].map(([resource, all]) => `  ${resource.padEnd(width)}  ${all.join(", ")}`), whatToDo];
}
