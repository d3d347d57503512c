/** The writes of a launch and its end, in the order of the protocol. */
export const STEPS = ["create Lease", "create WFE", "RR Executing", "create Job", "WFE Running", "resume Job", "WFE ended", "drop finalizer", "delete Lease"] as const;
export type Step = (typeof STEPS)[number];

/** A write as it came over the wire. */
export interface Write {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** Empty for a delete of nothing in particular. */
  readonly body: string;
}

const LOCK_NAME = /\/leases\/ro-lock-[^/]+$/;

/** Which step of the protocol a write is; undefined for any other write. */
export function stepOf({ method, path, body }: Write): Step | undefined {
  switch (method) {
    case "POST":
      return created(path, body);
    case "PUT":
      return replaced(path, body);
    case "PATCH":
      if (/\/jobs\/[^/]+$/.test(path)) return fieldOf(body, "spec", "suspend") === false ? "resume Job" : undefined;
      return /\/workflowexecutions\/[^/]+$/.test(path) ? "drop finalizer" : undefined;
    case "DELETE":
      return LOCK_NAME.test(path) ? "delete Lease" : undefined;
    default:
      return undefined;
  }
}

function created(path: string, body: string): Step | undefined {
  if (path.endsWith("/workflowexecutions")) return "create WFE";
  if (path.endsWith("/jobs")) return "create Job";
  return path.endsWith("/leases") && String(fieldOf(body, "metadata", "name")).startsWith("ro-lock-") ? "create Lease" : undefined;
}

function replaced(path: string, body: string): Step | undefined {
  if (/\/remediationrequests\/[^/]+\/status$/.test(path)) return fieldOf(body, "status", "overallPhase") === "Executing" ? "RR Executing" : undefined;
  if (!/\/workflowexecutions\/[^/]+\/status$/.test(path)) return undefined;
  const phase = fieldOf(body, "status", "phase");
  if (phase === "Running") return "WFE Running";
  return phase === "Completed" || phase === "Failed" ? "WFE ended" : undefined;
}

/** The name of the object that a write is about: the last of its path, or what its body says. */
export function nameOf({ method, path, body }: Write): string {
  if (method === "POST") return String(fieldOf(body, "metadata", "name"));
  return decodeURIComponent(path.replace(/\/status$/, "").split("/").at(-1) ?? "");
}

function fieldOf(body: string, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => (typeof value === "object" && value !== null ? Reflect.get(value, key) : undefined), JSON.parse(body || "{}"));
}
