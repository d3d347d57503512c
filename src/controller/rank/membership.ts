import { createHash } from "node:crypto";
import { apiVersionOf, type KindInfo } from "../../api/kind.ts";
import { kinds } from "../../api/kinds.ts";
import { microTime, type Lease } from "../../api/lease.ts";
import type { Draft, ObjectKey, Preconditions } from "../../api/object.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Logger } from "../../lib/log.ts";

/** Label on membership Leases: what a watch selects them by. */
export const MEMBER_LABEL = "kubernaut.ai/member";

/** What membership needs of a connection. */
export interface MembershipClient {
  get(kind: KindInfo<Lease>, key: ObjectKey): Promise<Lease | undefined>;
  create(kind: KindInfo<Lease>, draft: Draft<Lease>): Promise<Lease>;
  replace(kind: KindInfo<Lease>, lease: Lease): Promise<Lease>;
  delete(kind: KindInfo, key: ObjectKey, preconditions: Preconditions): Promise<void>;
}

export interface MembershipDeps {
  readonly client: MembershipClient;
  readonly namespace: string;
  readonly identity: string;
  readonly clock: Clock;
  readonly log: Logger;
}

/** How long a silent replica still counts. Each step of its targets waits for the next one's turn until then. */
const DURATION_SECONDS = 6;
const RENEW_MS = 2000;

/**
 * Says that this replica is there, by one small Lease, until the signal aborts; then takes it away, so that the others
 * move up at once. That it can not be written is logged once and harms nothing: the others then act first.
 */
export async function runMembership(deps: MembershipDeps, signal: AbortSignal): Promise<void> {
  let lease: Lease | undefined;
  let told = false;
  while (!signal.aborted) {
    lease = await renew(deps, lease, told);
    told = lease === undefined;
    await pause(deps.clock, signal);
  }
  if (lease) await leave(deps, lease);
}

async function renew(deps: MembershipDeps, lease: Lease | undefined, told: boolean): Promise<Lease | undefined> {
  const { client, clock } = deps;
  try {
    const spec = { holderIdentity: deps.identity, leaseDurationSeconds: DURATION_SECONDS, renewTime: microTime(clock.now()) };
    const current = lease ?? (await client.get(kinds.Lease, keyOf(deps)));
    return await (current ? client.replace(kinds.Lease, { ...current, spec }) : client.create(kinds.Lease, draftOf(deps, spec)));
  } catch (error) {
    deps.log[told ? "debug" : "warn"]("membership not renewed, other replicas act first meanwhile", { err: error });
    return undefined;
  }
}

/** By uid alone: whichever version is there says that this process is there, and it is not any more. */
async function leave(deps: MembershipDeps, { metadata: { uid } }: Lease): Promise<void> {
  try {
    await deps.client.delete(kinds.Lease, keyOf(deps), { uid });
  } catch (error) {
    deps.log.warn("membership not taken away, it ends by itself", { err: error, afterSeconds: DURATION_SECONDS });
  }
}

async function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  try {
    await clock.sleep(RENEW_MS, { signal });
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

function keyOf({ namespace, identity }: MembershipDeps): ObjectKey & { readonly namespace: string } {
  return { namespace, name: `ro-member-${createHash("sha256").update(identity).digest("hex").slice(0, 16)}` };
}

function draftOf(deps: MembershipDeps, spec: NonNullable<Lease["spec"]>): Draft<Lease> {
  return { apiVersion: apiVersionOf(kinds.Lease), kind: "Lease", metadata: { ...keyOf(deps), labels: { [MEMBER_LABEL]: "true" } }, spec };
}
