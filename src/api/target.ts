/** A resource that a signal is about or that a workflow works on. The casing of `kind` is kept everywhere. */
export interface TargetResource {
  readonly kind: string;
  readonly name: string;
  /** Absent or empty for cluster-scoped kinds. */
  readonly namespace?: string;
  readonly apiVersion?: string;
}

/** `namespace/Kind/name`, cluster-scoped `Kind/name`: the form in WorkflowExecution's targetResource and in lock keys. */
export type TargetString = string;

/** The target as one string; its apiVersion is not part of it. */
export function targetString(target: TargetResource): TargetString {
  const local = `${target.kind}/${target.name}`;
  return target.namespace ? `${target.namespace}/${local}` : local;
}

/** The inverse of `targetString`; undefined unless the text has two or three parts, none of them empty. */
export function parseTarget(text: TargetString): TargetResource | undefined {
  const parts = text.split("/");
  if (parts.includes("")) return undefined;
  const [first, second, third, ...rest] = parts;
  if (first === undefined || second === undefined || rest.length > 0) return undefined;
  return third === undefined ? { kind: first, name: second } : { namespace: first, kind: second, name: third };
}

/** What a lock is about: `resource` in this cluster, `clusterID|resource` in another one. */
export function lockKey(clusterID: string | undefined, resource: TargetString): string {
  return clusterID ? `${clusterID}|${resource}` : resource;
}

/** `Kind/name`, for people. */
export function targetDisplay(target: TargetResource): string {
  return `${target.kind}/${target.name}`;
}
