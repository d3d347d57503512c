import { WORKFLOW_EXECUTION_FINALIZER } from "../../src/api/annotations.ts";
import { finalConditionOf, type Job } from "../../src/api/job.ts";
import type { Lease } from "../../src/api/lease.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { isTerminalExecution, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import { LOCK_LABEL } from "../../src/locking/lease-marks.ts";
import type { Surroundings } from "./protocol-step.ts";

/** What the API server holds of the protocol's objects right now, by name: for those who judge and those who disturb. */
export class ClusterView implements Surroundings {
  readonly requests = new Map<string, RemediationRequest>();
  readonly executions = new Map<string, WorkflowExecution>();
  readonly jobs = new Map<string, Job>();
  /** Ours alone. */
  readonly leases = new Map<string, Lease>();

  /** Takes in a write; each kind has its own type. */
  apply({ type, object }: ObjectChange): void {
    const changed = object as unknown as KubeObject;
    const map: Map<string, KubeObject> | undefined = this.#mapOf(changed);
    if (type === "DELETED") map?.delete(changed.metadata.name);
    else map?.set(changed.metadata.name, changed);
  }

  requestPhase(key: string): string | undefined {
    return this.requests.get(nameIn(key))?.status?.overallPhase;
  }

  executionPhase(key: string): string | undefined {
    const execution = this.executions.get(nameIn(key));
    return execution && phaseOfExecution(execution);
  }

  /** Whether there is an execution of that uid. */
  isExecution(uid: string): boolean {
    for (const { metadata } of this.executions.values()) if (metadata.uid === uid) return true;
    return false;
  }

  isBeingStopped(key: string): boolean {
    const execution = this.executions.get(nameIn(key));
    const owner = execution && controllerOf(execution);
    if (!owner || execution.metadata.deletionTimestamp) return true;
    const rr = this.requests.get(owner.name);
    return !rr || rr.metadata.uid !== owner.uid || isTerminalPhase(rr.status?.overallPhase);
  }

  /** What is left to do before this cluster is at rest; undefined when nothing is. */
  unfinished(): string | undefined {
    return this.#openRequest() ?? this.#openExecution() ?? this.#openJob() ?? this.#heldLease();
  }

  // An object of a kind goes into the map of that kind alone.
  #mapOf({ kind, metadata }: KubeObject): Map<string, KubeObject> | undefined {
    switch (kind) {
      case "RemediationRequest":
        return this.requests;
      case "WorkflowExecution":
        return this.executions;
      case "Job":
        return this.jobs;
      case "Lease":
        return metadata.labels?.[LOCK_LABEL] === undefined ? undefined : this.leases;
      default:
        return undefined;
    }
  }

  #openRequest(): string | undefined {
    for (const { metadata, status } of this.requests.values()) {
      if (!isTerminalPhase(status?.overallPhase)) return `${metadata.name} is ${status?.overallPhase ?? "new"}: ${status?.message ?? ""}`;
      if (metadata.deletionTimestamp) return `${metadata.name} is still being deleted`;
    }
    return undefined;
  }

  #openExecution(): string | undefined {
    for (const execution of this.executions.values()) {
      const { name, finalizers = [] } = execution.metadata;
      if (!isTerminalExecution(execution)) return `${name} is ${phaseOfExecution(execution)}`;
      if (finalizers.includes(WORKFLOW_EXECUTION_FINALIZER)) return `${name} has ended and keeps its finalizer`;
    }
    return undefined;
  }

  #openJob(): string | undefined {
    for (const job of this.jobs.values()) {
      if (finalConditionOf(job) === undefined) return `Job ${job.metadata.name} is ${job.spec.suspend ? "suspended" : "not finished"}`;
    }
    return undefined;
  }

  #heldLease(): string | undefined {
    const [lease] = this.leases.values();
    return lease && `Lease ${lease.metadata.name} is held by ${lease.spec?.holderIdentity}`;
  }
}

function nameIn(key: string): string {
  return key.slice(key.indexOf("/") + 1);
}
