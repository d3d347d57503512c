import { kinds } from "../../src/api/kinds.ts";
import { microTime } from "../../src/api/lease.ts";
import type { InProcessClient } from "../../src/apiserver/in-process-client.ts";
import type { ApiRequest, ApiResponse } from "../../src/apiserver/ports.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import type { Plan } from "./plan.ts";
import { EPOCH_MS } from "./process.ts";
import { NAMESPACE } from "./workload.ts";

const CROWD = 10;
const CROWD_SECONDS = 86_400;

/** Leases of replicas that are not there and count as alive all the same. */
export function forgeMembers(client: InProcessClient): void {
  for (let at = 0; at < CROWD; at++) {
    const metadata = { name: `ro-member-forged-${at}`, namespace: NAMESPACE, labels: { [MEMBER_LABEL]: "true" } };
    const spec = { holderIdentity: `forged-${at}`, leaseDurationSeconds: CROWD_SECONDS, renewTime: microTime(EPOCH_MS) };
    client.create(kinds.Lease, NAMESPACE, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec });
  }
}

/** The answer to a replica that asks who is there, where it is not to be told; undefined for anything else. */
export function membershipTold({ membership }: Plan, replica: string, { method, url }: ApiRequest, resourceVersion: string): ApiResponse | undefined {
  const kept = membership === "hidden" || (membership === "partly-hidden" && replica === "replica-0");
  if (!kept || method !== "GET" || !url.includes(encodeURIComponent(MEMBER_LABEL))) return undefined;
  const headers = { "content-type": "application/json" };
  if (url.includes("watch=")) return { kind: "stream", status: 200, headers, open: () => () => undefined };
  const body = JSON.stringify({ kind: "LeaseList", apiVersion: "coordination.k8s.io/v1", metadata: { resourceVersion }, items: [] });
  return { kind: "body", status: 200, headers, body };
}
