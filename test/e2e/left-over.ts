import { finalConditionOf, type Job } from "../../src/api/job.ts";
import type { Lease } from "../../src/api/lease.ts";
import { LOCK_LABEL } from "../../src/locking/lease-marks.ts";
import { LEASE_PREFIX } from "../../src/locking/lease-name.ts";
import { isTerminalExecution, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { Watched } from "./invariants.ts";

/** What every finalizer of the product begins with. */
const OUR_FINALIZERS = "kubernaut.ai/";

/**
 * Objects that have not come to rest: an execution that has not ended, a Job that has not finished, suspended or not, and whatever
 * holds a finalizer of ours. While requests are under way that is as it should be. Pure.
 */
export function restless(objects: readonly Watched[]): readonly string[] {
  return objects.flatMap((object) => [...unfinished(object), ...held(object)].map((why) => `${object.kind} ${object.metadata.name}, ${why}`));
}

/** Locks among Leases: by the label, or by the name where somebody took the label away. Memberships are none. Pure. */
export function locksAmong(leases: readonly Lease[]): readonly string[] {
  const locks = leases.filter(({ metadata: { name, labels } }) => labels?.[LOCK_LABEL] !== undefined || name.startsWith(LEASE_PREFIX));
  return locks.map(({ metadata, spec }) => `Lease ${metadata.name} of ${spec?.holderIdentity}`);
}

function unfinished(object: Watched): readonly string[] {
  switch (object.kind) {
    case "RemediationRequest":
      return [];
    case "WorkflowExecution": {
      const execution = object as WorkflowExecution;
      return isTerminalExecution(execution) ? [] : [phaseOfExecution(execution)];
    }
    default: {
      const job = object as Job;
      return finalConditionOf(job) ? [] : [job.spec.suspend ? "suspended" : "at work"];
    }
  }
}

function held({ metadata: { finalizers = [] } }: Watched): readonly string[] {
  return finalizers.filter((finalizer) => finalizer.startsWith(OUR_FINALIZERS)).map((finalizer) => `held by ${finalizer}`);
}
