import type { Lease } from "../../src/api/lease.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { lockKey, targetString } from "../../src/api/target.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import { parseClaimIdentity } from "../../src/locking/holder-identity.ts";
import { keyOfLease } from "../../src/locking/lease-marks.ts";

/** `lost`: it is taken away from those who need it. `moved`: it ends, or comes into being, behind their backs. */
export type Touch = "lost" | "moved";

/** What an object of the protocol is about: its target, and the uid of its remediation. */
interface About {
  readonly target: string;
  readonly remediation: string | undefined;
}

/** Of how many targets with an alert, and of how many remediations, how many nobody has had his hands on. */
export interface Untouched {
  readonly targets: number;
  readonly ofTargets: number;
  readonly remediations: number;
  readonly ofRemediations: number;
}

/**
 * What somebody who is no part of the protocol has had his hands on: from then on there may be a second execution on a target,
 * and a remediation may fail for no reason of its own. On everything else each promise is held against every write.
 */
export class Touched {
  readonly #targets = new Set<string>();
  readonly #remediations = new Set<string>();
  /** By uid, of every object ever written: what belongs together is asked when a part of it is gone. */
  readonly #about = new Map<string, About>();
  #clocks = false;

  /** Has to hear of every write, before it is judged. */
  onChange(object: KubeObject): void {
    const { uid } = object.metadata;
    if (this.#about.has(uid)) return;
    const about = this.#aboutOf(object);
    if (about) this.#about.set(uid, about);
  }

  /** Somebody is about to do this to it, or has just done it. */
  touch(object: KubeObject, how: Touch): void {
    const about = this.#aboutOf(object);
    if (!about) return;
    // The order on a target is one of Leases and executions: a Job that goes ends its execution, as it does by itself.
    if (object.kind !== "Job") this.#targets.add(about.target);
    // A Lease is no part of what a remediation needs: that is what its safety rests on.
    if (how === "lost" && about.remediation !== undefined && object.kind !== "Lease") this.#remediations.add(about.remediation);
  }

  /** A replica's wall clock jumps: it may take for overdue what is not, on any target. */
  jumpClock(): void {
    this.#clocks = true;
  }

  /** Whether a clock has jumped. */
  get clocks(): boolean {
    return this.#clocks;
  }

  /** Whether E may be broken on the target of that lock key. */
  target(key: string): boolean {
    return this.#clocks || this.#targets.has(key);
  }

  /** Whether the remediation of that uid may have lost what it needs. */
  remediation(uid: string): boolean {
    return this.#remediations.has(uid);
  }

  /** So far. */
  get untouched(): Untouched {
    const about = [...this.#about.values()];
    const targets = new Set(about.map(({ target }) => target));
    const remediations = new Set(about.flatMap(({ remediation }) => remediation ?? []));
    return {
      targets: [...targets].filter((key) => !this.target(key)).length,
      ofTargets: targets.size,
      remediations: [...remediations].filter((uid) => !this.remediation(uid)).length,
      ofRemediations: remediations.size,
    };
  }

  /** Undefined for what is about no target: memberships, the foreign lock's own Lease. */
  #aboutOf(object: KubeObject): About | undefined {
    switch (object.kind) {
      case "RemediationRequest": {
        const { spec, metadata } = object as RemediationRequest;
        return { target: keyOf(spec), remediation: metadata.uid };
      }
      case "WorkflowExecution": {
        const { spec } = object as WorkflowExecution;
        return { target: lockKey(spec.clusterID, spec.targetResource), remediation: controllerOf(object)?.uid };
      }
      case "Job":
        return this.#about.get(controllerOf(object)?.uid ?? "");
      case "Lease":
        return aboutLease(object);
      default:
        return undefined;
    }
  }
}

/** The lock key of what a remediation is for. */
export function keyOf({ clusterID, targetResource }: RemediationRequest["spec"]): string {
  return lockKey(clusterID, targetString(targetResource));
}

function aboutLease(lease: Lease): About | undefined {
  const target = keyOfLease(lease);
  return target === undefined ? undefined : { target, remediation: parseClaimIdentity(lease.spec?.holderIdentity ?? "")?.uid };
}
