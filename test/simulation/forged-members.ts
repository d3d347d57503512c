import { kinds } from "../../src/api/kinds.ts";
import { microTime, type Lease } from "../../src/api/lease.ts";
import { lockKey, targetString } from "../../src/api/target.ts";
import type { InProcessClient } from "../../src/apiserver/in-process-client.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import { rankOf } from "../../src/controller/rank/rank.ts";
import type { Chance } from "./chance.ts";
import type { Plan } from "./plan.ts";
import { EPOCH_MS } from "./process.ts";
import type { Timeline } from "./timeline.ts";
import { NAMESPACE, targetOf } from "./workload.ts";

const CROWD = 10;
const FLAPPING = 3;
const RENEW_MS = 2000;

export interface Forge {
  readonly client: InProcessClient;
  readonly timeline: Timeline;
  readonly chance: Chance;
  readonly replicas: readonly string[];
}

/** Puts memberships of replicas that never act into the cluster, for as long as the world goes on, where the plan says so. */
export function forgeMembers({ membership, targets }: Plan, forge: Forge): void {
  if (membership === "crowd") for (const name of namesInFront(CROWD, forge.replicas, targets)) keepAlive(name, forge);
  if (membership === "flapping") for (const name of namesInFront(FLAPPING, forge.replicas, targets)) comeAndGo(name, forge);
}

/** The Lease by which somebody says that he is there. */
export function memberLease(holder: string, nowMs: number) {
  const metadata = { name: `ro-member-${holder}`, namespace: NAMESPACE, labels: { [MEMBER_LABEL]: "true" } };
  const spec = { holderIdentity: holder, leaseDurationSeconds: 6, renewTime: microTime(EPOCH_MS + Math.floor(nowMs)) };
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec } as const;
}

/** Names of which each comes before every replica in the line for some target, and every target has one: whoever knows the rule can choose them. */
export function namesInFront(count: number, replicas: readonly string[], targets: number): readonly string[] {
  const keys = Array.from({ length: targets }, (_, at) => lockKey(undefined, targetString(targetOf(at))));
  const names: string[] = [];
  for (let at = 0; names.length < Math.max(count, targets); at++) {
    const name = `forged-${at}`;
    if (rankOf(name, replicas, keys[names.length % targets] ?? "") === 0) names.push(name);
  }
  return names;
}

/** Alive, but stuck. */
function keepAlive(name: string, { client, timeline }: Forge): void {
  const { metadata } = client.create<Lease>(kinds.Lease, NAMESPACE, memberLease(name, timeline.nowMs));
  const key = { namespace: NAMESPACE, name: metadata.name };
  const renew = (): void => {
    client.patch(kinds.Lease, key, { spec: memberLease(name, timeline.nowMs).spec });
    timeline.after(RENEW_MS, renew);
  };
  timeline.after(RENEW_MS, renew);
}

/** There, gone, there again, faster than any place in a line is waited for. */
function comeAndGo(name: string, forge: Forge): void {
  const { client, timeline, chance } = forge;
  const { metadata } = client.create<Lease>(kinds.Lease, NAMESPACE, memberLease(name, timeline.nowMs));
  timeline.after(chance.spread(20, 800), () => {
    client.delete(kinds.Lease, { namespace: NAMESPACE, name: metadata.name }, { uid: metadata.uid });
    timeline.after(chance.spread(5, 300), () => comeAndGo(name, forge));
  });
}
