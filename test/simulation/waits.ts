import type { Lease } from "../../src/api/lease.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import { parseClaimIdentity } from "../../src/locking/holder-identity.ts";

/** How long a target stood still before a replica moved it, and by what. Virtual milliseconds. */
export interface Wait {
  readonly ms: number;
  readonly untilMs: number;
  readonly what: string;
}

const NONE: Wait = { ms: 0, untilMs: 0, what: "nothing was waited for" };

/**
 * Measures what targets wait for replicas while a remediation of theirs has not ended: from the last write about a target,
 * whoever made it, to the next one where that is a replica's. What ends with a write of somebody else (a pod that has
 * finished) was no wait for a replica.
 */
export class Waits {
  readonly #isReplica: (user: string) => boolean;
  /** Of every object ever written, by uid: the target that it is about. */
  readonly #targets = new Map<string, string>();
  readonly #movedMs = new Map<string, number>();
  /** By target: uids of the RemediationRequests that have not ended. */
  readonly #open = new Map<string, Set<string>>();
  #longest = NONE;

  constructor(isReplica: (user: string) => boolean) {
    this.#isReplica = isReplica;
  }

  get longest(): Wait {
    return this.#longest;
  }

  onChange({ type, object }: ObjectChange, by: string, nowMs: number): void {
    const changed = object as unknown as KubeObject; // Only objects with metadata are stored.
    const target = this.#targetOf(changed);
    if (target === undefined) return;
    this.#targets.set(changed.metadata.uid, target);
    const open = this.#open.get(target) ?? new Set();
    const ms = open.size === 0 ? 0 : nowMs - (this.#movedMs.get(target) ?? nowMs);
    this.#movedMs.set(target, nowMs);
    if (changed.kind === "RemediationRequest") this.#open.set(target, openAfter(open, type, changed as RemediationRequest));
    if (ms > this.#longest.ms && this.#isReplica(by)) this.#longest = { ms, untilMs: nowMs, what: `${by} ${type} ${changed.kind} ${changed.metadata.name}` };
  }

  /** Undefined for what is about no target: memberships, Events. */
  #targetOf(object: KubeObject): string | undefined {
    const known = this.#targets.get(object.metadata.uid);
    if (known !== undefined) return known;
    if (object.kind === "RemediationRequest") return (object as RemediationRequest).spec.targetResource.name;
    if (object.kind === "Lease") return this.#targets.get(parseClaimIdentity((object as Lease).spec?.holderIdentity ?? "")?.uid ?? "");
    return this.#targets.get(controllerOf(object)?.uid ?? "");
  }
}

function openAfter(open: Set<string>, type: ObjectChange["type"], { metadata, status }: RemediationRequest): Set<string> {
  if (type === "DELETED" || isTerminalPhase(status?.overallPhase)) open.delete(metadata.uid);
  else open.add(metadata.uid);
  return open;
}
