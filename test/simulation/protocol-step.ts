import type { TransportRequest } from "../../src/kube/transport.ts";
import { LEASE_PREFIX } from "../../src/locking/lease-name.ts";
import type { WorkAtHand } from "./work-at-hand.ts";

/** The steps of the safety protocol that show themselves by a request (`docs/protocol.md`). */
export const PROTOCOL_STEPS = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] as const;

export type ProtocolStep = (typeof PROTOCOL_STEPS)[number];

/** The part of a status that tells one step from another. */
interface StatusBody {
  readonly status?: {
    readonly overallPhase?: string;
    readonly phase?: string;
    readonly deduplicatedBy?: string;
    readonly failureDetails?: { readonly reason?: string };
  };
}

/** What a world knows of the objects that a request is about, at the moment when it is sent. */
export interface Surroundings {
  /** The phase of the WorkflowExecution that a worker has in hand; undefined when there is none. */
  executionPhase(key: string): string | undefined;
  /** The phase of the RemediationRequest that a worker has in hand. */
  requestPhase(key: string): string | undefined;
  /** Whether that execution has to be stopped: it is in deletion, overdue, or its owner has ended. */
  isBeingStopped(key: string): boolean;
}

/** The step of the protocol that a request belongs to; undefined for everything around it: watches, neighbours, Events, membership. */
export function stepOf(request: TransportRequest, work: WorkAtHand | undefined, around: Surroundings): ProtocolStep | undefined {
  const path = request.path.split("?", 1)[0] ?? "";
  const [, kind = "", name = ""] = /\/namespaces\/[^/]+\/([a-z]+)(?:\/([^/]+))?/.exec(path) ?? [];
  if (request.method === "GET" && name === "" && kind !== "pods") return undefined;
  // Nobody but the reaper does anything about these outside of a reconcile.
  if (!work) return kind === "remediationrequests" || kind === "workflowexecutions" || name.startsWith(LEASE_PREFIX) ? 11 : undefined;
  if (work.controller === "remediation") return orchestratorStep(request, kind, work.key, around);
  return work.controller === "execution" ? executorStep(request, kind, work.key, around) : undefined;
}

function orchestratorStep(request: TransportRequest, kind: string, key: string, around: Surroundings): ProtocolStep | undefined {
  const { method } = request;
  const phase = around.requestPhase(key) ?? "";
  switch (kind) {
    case "remediationrequests":
      if (method === "GET") return ownName(request.path, key) ? 0 : 2;
      return bodyOf(request).status?.overallPhase === "Executing" && phase !== "Executing" ? 4 : 0;
    case "workflowexecutions":
      if (method !== "GET") return 3;
      return phase === "Executing" || phase === "Blocked" ? 0 : ownName(request.path, `${key.split("/")[0]}/we-${key.split("/")[1]}`) ? 3 : 1;
    case "leases":
      if (method === "POST" || method === "PUT") return 1;
      if (phase === "Executing" || isEnded(phase)) return 11;
      return method === "DELETE" ? 2 : 1;
    default:
      return undefined;
  }
}

function executorStep(request: TransportRequest, kind: string, key: string, around: Surroundings): ProtocolStep | undefined {
  const { method } = request;
  const phase = around.executionPhase(key) ?? "";
  switch (kind) {
    case "remediationrequests":
      return phase === "Running" ? 10 : 5;
    case "workflowexecutions":
      return method === "PATCH" ? 11 : stepOfExecutionStatus(bodyOf(request), around.isBeingStopped(key));
    case "jobs":
      if (method === "POST") return 7;
      if (method === "PATCH") return 8;
      if (method === "DELETE") return phase === "Failed" ? 11 : 10;
      return around.isBeingStopped(key) ? 10 : phase === "Running" ? 9 : 7;
    case "pods":
      return around.isBeingStopped(key) ? 10 : 9;
    default:
      return undefined;
  }
}

function stepOfExecutionStatus({ status }: StatusBody, isBeingStopped: boolean): ProtocolStep {
  if (status?.phase === "Running") return 7;
  if (status?.failureDetails?.reason === "Deduplicated") return status.deduplicatedBy === undefined ? 5 : 6;
  return isBeingStopped ? 10 : 9;
}

function ownName(path: string, key: string): boolean {
  return path.split("?", 1)[0]?.split("/").filter((part) => part !== "status").at(-1) === key.split("/")[1];
}

function isEnded(phase: string): boolean {
  return phase === "Completed" || phase === "Failed" || phase === "TimedOut" || phase === "Verifying" || phase === "Cancelled";
}

function bodyOf({ body }: TransportRequest): StatusBody {
  return body === undefined ? {} : (JSON.parse(body) as StatusBody); // Our own client wrote it.
}
