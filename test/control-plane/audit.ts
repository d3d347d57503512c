import { readFile } from "node:fs/promises";
import { granted, named, shipped } from "../support/shipped-rights.ts";
import { REPLICA_USERS } from "./shared.ts";

/** The part of an audit event that is looked at; the wire's shape. */
interface AuditEvent {
  readonly auditID: string;
  readonly verb: string;
  readonly user: { readonly username: string };
  readonly objectRef?: { readonly apiGroup?: string; readonly resource?: string; readonly subresource?: string; readonly namespace?: string; readonly name?: string };
  readonly responseStatus?: { readonly code?: number };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** One right as replicas used it. */
export interface UsedRight {
  readonly right: string;
  /** The kinds of documents of deploy/rbac.yaml that grant it; empty for what none of them does. */
  readonly grantedBy: readonly string[];
  readonly requests: number;
  /** How many of them were answered 403. */
  readonly refused: number;
}

/** What an audit log says of the replicas' rights. */
export interface AuditFindings {
  readonly used: readonly UsedRight[];
  /** Granted, but no request asked for it. */
  readonly unused: readonly string[];
}

/** Asked for by the admission plugin on our behalf: no request shows it. */
const NEVER_IN_A_REQUEST = /\/finalizers$/;
/** What the API server lets everybody ask; it stands in no manifest of ours. */
const EVERYBODYS = "create selfsubjectaccessreviews.authorization.k8s.io";

/** Reads an audit log. Namespaces whose Role a test has changed do not count: there, refusals are what the test is about. */
export async function auditFindings(path: string): Promise<AuditFindings> {
  const events = (await readFile(path, "utf8")).split("\n").filter((line) => line !== "").map((line) => JSON.parse(line) as AuditEvent);
  const users: readonly string[] = REPLICA_USERS;
  const changed = new Set(events.filter(({ objectRef, verb }) => objectRef?.resource === "roles" && verb === "update").map(({ objectRef }) => objectRef?.namespace));
  // A watch is told twice, when it opens and when it ends.
  const requests = new Map(events.filter(({ user, objectRef }) => users.includes(user.username) && objectRef && !(objectRef.namespace && changed.has(objectRef.namespace))).map((event) => [event.auditID, event]));
  const byRight = Map.groupBy(requests.values(), rightOf);
  const manifests = (["Role", "ClusterRole"] as const).map((kind) => ({ kind, rights: granted(shipped(kind).rules) }));
  const used = [...byRight].map(([right, of]) => ({
    right,
    grantedBy: manifests.filter(({ rights }) => rights.includes(right)).map(({ kind }) => kind),
    requests: of.length,
    refused: of.filter(({ responseStatus }) => responseStatus?.code === 403).length,
  }));
  const unused = manifests.flatMap(({ rights }) => rights).filter((right) => !byRight.has(right) && !NEVER_IN_A_REQUEST.test(right));
  return { used: used.toSorted((a, b) => order(a.right).localeCompare(order(b.right))), unused: [...new Set(unused)] };
}

/** What is wrong: refused requests, requests that nothing shipped grants, and, if `complete`, grants that nobody used. */
export function complaintsAbout({ used, unused }: AuditFindings, complete: boolean): readonly string[] {
  return [
    ...used.filter(({ refused }) => refused > 0).map(({ right, refused }) => `${right} was refused ${refused} times`),
    ...used.filter(({ right, grantedBy }) => grantedBy.length === 0 && right !== EVERYBODYS).map(({ right }) => `${right} is used and not granted`),
    ...(complete ? unused.map((right) => `${right} is granted and not used`) : []),
  ];
}

/** The table for people. */
export function auditTable({ used }: AuditFindings): string {
  const rows = used.map(({ right, grantedBy, requests }) => [right, grantedBy.join(", ") || "everybody (system:basic-user)", String(requests)]);
  const all = [["right", "granted by", "requests"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all.map((row) => row.map((cell, column) => (column === 2 ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0))).join("  ")).join("\n");
}

function rightOf({ verb, objectRef = {} }: AuditEvent): string {
  const { apiGroup = "", resource = "", subresource } = objectRef;
  return named(verb, apiGroup, subresource ? `${resource}/${subresource}` : resource);
}

function order(right: string): string {
  return right.split(" ").toReversed().join(" ");
}
