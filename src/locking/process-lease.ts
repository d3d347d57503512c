import { apiVersionOf } from "../api/kind.ts";
import { kinds } from "../api/kinds.ts";
import { microTime, type Lease } from "../api/lease.ts";
import type { ObjectKey } from "../api/object.ts";
import { KEY_ANNOTATION, LOCK_LABEL, REPLICA_ANNOTATION } from "./lease-marks.ts";
import type { LeaseForm } from "./take-lease.ts";

/** What a process-held Lease says. `identity` is of one acquisition, `replica` of the process. */
export interface ProcessLeaseFacts {
  readonly at: ObjectKey;
  readonly key: string;
  readonly identity: string;
  readonly replica: string;
  readonly durationMs: number;
  nowMs(): number;
}

/** A process-held lock as a Lease: the duration in whole seconds, never less than ours. Each take-over counts as a transition, so it moves the version. */
export function processForm(facts: ProcessLeaseFacts): LeaseForm {
  const { at, identity } = facts;
  const labels = { [LOCK_LABEL]: "process" };
  const annotations = { [KEY_ANNOTATION]: facts.key, [REPLICA_ANNOTATION]: facts.replica };
  const leaseDurationSeconds = Math.ceil(facts.durationMs / 1000);
  return {
    heldBy: "process",
    at,
    draft() {
      const now = microTime(facts.nowMs());
      return {
        apiVersion: apiVersionOf(kinds.Lease),
        kind: "Lease",
        metadata: { ...at, labels, annotations },
        spec: { holderIdentity: identity, leaseDurationSeconds, acquireTime: now, renewTime: now, leaseTransitions: 0 },
      };
    },
    onto(lease) {
      const now = microTime(facts.nowMs());
      const leaseTransitions = (lease.spec?.leaseTransitions ?? 0) + 1;
      return {
        ...lease,
        metadata: { ...lease.metadata, labels: { ...lease.metadata.labels, ...labels }, annotations: { ...lease.metadata.annotations, ...annotations } },
        spec: { ...lease.spec, holderIdentity: identity, leaseDurationSeconds, acquireTime: now, renewTime: now, leaseTransitions },
      };
    },
  };
}

/** The Lease with a new sign of life. */
export function renewed(lease: Lease, nowMs: number): Lease {
  return { ...lease, spec: { ...lease.spec, renewTime: microTime(nowMs) } };
}

/** What marks one acquisition of a Lease: whoever takes it, under the same identity as well, changes it. */
export function sameAcquisition(a: Lease, b: Lease): boolean {
  return a.metadata.uid === b.metadata.uid && a.spec?.holderIdentity === b.spec?.holderIdentity && a.spec?.leaseTransitions === b.spec?.leaseTransitions;
}
