import type { ApiRequest, ApiResponse } from "../../src/apiserver/ports.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import { chanceOf, hashOf, seeded } from "./chance.ts";
import { memberLease } from "./forged-members.ts";
import type { Plan } from "./plan.ts";
import type { Timeline } from "./timeline.ts";

const RENEW_MS = 2000;
/** Who was there long ago. */
const GONE = ["gone-0", "gone-1", "gone-2", "gone-3"];

export interface ToldDeps {
  readonly plan: Plan;
  readonly replicas: readonly string[];
  readonly timeline: Timeline;
  readonly resourceVersion: () => string;
}

/** What answers a replica that asks who is there, where it is told something else than what is so; undefined for anything else. */
export function membershipTold({ plan, replicas, timeline, resourceVersion }: ToldDeps): (replica: string, request: ApiRequest) => ApiResponse | undefined {
  const told = new Map(replicas.map((replica) => [replica, toldTo(replica, plan, replicas)]));
  return (replica, { method, url }) => {
    const members = told.get(replica);
    if (!members || method !== "GET" || !url.includes(encodeURIComponent(MEMBER_LABEL))) return undefined;
    const items = members.map((member) => leaseOf(member, timeline.nowMs, resourceVersion()));
    const headers = { "content-type": "application/json" };
    if (url.includes("watch=")) return { kind: "stream", status: 200, headers, open: (sink) => renewed(members, timeline, resourceVersion, (line) => sink.write(line)) };
    const body = JSON.stringify({ kind: "LeaseList", apiVersion: "coordination.k8s.io/v1", metadata: { resourceVersion: resourceVersion() }, items });
    return { kind: "body", status: 200, headers, body };
  };
}

/** The members that a replica is told of; undefined: those that there are. */
export function toldTo(replica: string, { membership, seed }: Pick<Plan, "membership" | "seed">, replicas: readonly string[]): readonly string[] | undefined {
  const chance = chanceOf(seeded(hashOf(seed, replica, "membership")));
  switch (membership) {
    case "hidden":
      return [];
    case "partly-hidden":
      return replica === replicas[0] ? [] : undefined;
    case "stale":
      return replica === replicas[0] || chance.is(0.5) ? GONE : undefined;
    case "contradicting":
      return [...replicas, ...GONE].filter((member) => member !== replica && chance.is(0.5));
    default:
      return undefined;
  }
}

/** They are told to be alive, for as long as somebody listens. */
function renewed(members: readonly string[], timeline: Timeline, resourceVersion: () => string, write: (line: string) => void): () => void {
  const tell = (): void => {
    for (const member of members) write(`${JSON.stringify({ type: "MODIFIED", object: leaseOf(member, timeline.nowMs, resourceVersion()) })}\n`);
    timer = timeline.after(RENEW_MS, tell);
  };
  let timer = timeline.after(RENEW_MS, tell);
  return () => timer.cancel();
}

function leaseOf(member: string, nowMs: number, resourceVersion: string) {
  const lease = memberLease(member, nowMs);
  return { ...lease, metadata: { ...lease.metadata, uid: `uid-${member}`, resourceVersion } };
}
