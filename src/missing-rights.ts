import type { KindInfo } from "./api/kind.ts";

/** A right that is missing: a verb on a kind or on one of its subresources. */
export interface MissingRight {
  readonly verb: string;
  readonly kind: KindInfo;
  readonly subresource?: string;
}

/** Missing rights for people to read: a heading, a line per resource with its verbs, and what to do; nothing when none is missing. */
export function missingRightsText(missing: readonly MissingRight[], namespace: string, whatToDo: string): readonly string[] {
  if (missing.length === 0) return [];
  const verbs = new Map<string, string[]>();
  for (const right of missing) {
    const resource = resourceOf(right);
    verbs.set(resource, [...(verbs.get(resource) ?? []), right.verb]);
  }
  const width = Math.max(...[...verbs.keys()].map(({ length }) => length));
  return [`rights are missing in namespace ${namespace}:`, ...[...verbs].map(([resource, all]) => `  ${resource.padEnd(width)}  ${all.join(", ")}`), whatToDo];
}

/** As `kubectl auth can-i` takes it: `leases.coordination.k8s.io`, `remediationrequests.kubernaut.ai/status`. */
function resourceOf({ kind, subresource }: MissingRight): string {
  return `${kind.plural}${kind.group ? `.${kind.group}` : ""}${subresource ? `/${subresource}` : ""}`;
}
