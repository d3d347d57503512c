import { aiAnalysisName } from "../../src/api/child-names.ts";
import { kinds } from "../../src/api/kinds.ts";
import { microTime } from "../../src/api/lease.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import { isRefusal } from "../../src/apiserver/in-process-client.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import { leaseName } from "../../src/locking/lease-name.ts";
import type { Fault, FaultName, Plan, PlannedRequest, PlannedStop } from "./plan.ts";
import { EPOCH_MS } from "./process.ts";
import type { Touched } from "./touched.ts";
import type { World } from "./world.ts";
import { NAMESPACE } from "./workload.ts";

const DEEDS = ["lease-deleted", "execution-deleted", "job-deleted", "request-deleted", "request-recreated", "request-cancelled", "retention", "foreign-lock"] as const satisfies readonly FaultName[];

export type Deed = (typeof DEEDS)[number];

export function isDeed(name: FaultName): name is Deed {
  return (DEEDS as readonly FaultName[]).includes(name);
}

export interface PeopleDeps {
  readonly world: World;
  readonly plan: Plan;
  /** Told what they are about to take away, or to move. */
  readonly touch: Touched["touch"];
}

const FOREIGN_LEASE_SECONDS = 3;
const FOREIGN_RENEW_MS = 1000;
const TRY_AGAIN_MS = 50;
const LONG_AGO = `${new Date(EPOCH_MS).toISOString().slice(0, 19)}Z`;

/** `unreadable`: without a duration. */
interface ForeignLock {
  readonly target: number;
  readonly untilMs: number;
  readonly unreadable: boolean;
  /** Called when the Lease has been taken. */
  readonly hit: () => void;
}

/** People with kubectl, and somebody else's controller: they do what the API lets them do, at a bad moment. */
export class People {
  readonly #world: World;
  readonly #plan: Plan;
  readonly #touch: Touched["touch"];
  #busy = 0;

  constructor({ world, plan, touch }: PeopleDeps) {
    this.#world = world;
    this.#plan = plan;
    this.#touch = touch;
  }

  /** Whether somebody has not finished what he began. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  /** Whether there is right now what it could be done to. */
  finds(deed: Deed): boolean {
    const { leases, executions, jobs, requests } = this.#world.view;
    switch (deed) {
      case "lease-deleted":
        return leases.size > 0;
      case "execution-deleted":
        return [...executions.values()].some(isKept);
      case "job-deleted":
        return [...jobs.values()].some(isKept);
      case "request-deleted":
      case "request-recreated":
        return [...requests.values()].some(isKept);
      case "request-cancelled":
        return [...requests.values()].some(isOpen);
      case "retention":
        return [...requests.values()].some(isRetained);
      case "foreign-lock":
        return true;
      default:
        return assertNever(deed);
    }
  }

  /** Does it soon, to the object that a request on `path` is about where it is of that kind, else to another one. Calls `hit` when it has come to something. */
  act(deed: Deed, fault: Fault, path: string, hit: () => void): void {
    this.#busy++;
    this.#world.timeline.after(fault.choice * 5, () => {
      this.#busy--;
      this.#do(deed, fault, path, hit);
    });
  }

  /** Somebody will have had enough of a run that has just begun, and ends it: unless it has ended by then. */
  losePatience(execution: WorkflowExecution): void {
    const { stop } = this.#plan;
    if (!stop || stop.by === "limit") return;
    this.#busy++;
    this.#world.timeline.after(stop.afterMs, () => {
      this.#busy--;
      const there = this.#world.view.executions.get(execution.metadata.name);
      if (there?.metadata.uid === execution.metadata.uid && phaseOfExecution(there) === "Running") this.#stop(there, stop);
    });
  }

  #stop(execution: WorkflowExecution, { by, choice }: PlannedStop): void {
    const owner = controllerOf(execution);
    const rr = this.#world.view.requests.get(owner?.name ?? "");
    const requests = rr && rr.metadata.uid === owner?.uid ? [rr] : [];
    switch (by) {
      case "limit":
        return;
      case "request-cancelled":
        return this.#cancelOne(requests.find(isOpen));
      case "request-deleted":
        return void this.#delete(kinds.RemediationRequest, requests, "", { choice });
      case "owner-lost":
        return void this.#delete(kinds.RemediationRequest, requests, "", { choice: 0 });
      case "execution-deleted":
        return void this.#delete(kinds.WorkflowExecution, [execution], "", { choice });
      default:
        return assertNever(by);
    }
  }

  #do(deed: Deed, fault: Fault, path: string, hit: () => void): void {
    switch (deed) {
      case "lease-deleted":
        return this.#deleteOne(kinds.Lease, [...this.#world.view.leases.values()], path, fault, hit);
      case "execution-deleted":
        return this.#deleteOne(kinds.WorkflowExecution, this.#all(kinds.WorkflowExecution), path, fault, hit);
      case "job-deleted":
        return this.#deleteOne(kinds.Job, this.#all(kinds.Job), path, fault, hit);
      case "request-deleted":
        return this.#deleteOne(kinds.RemediationRequest, this.#all(kinds.RemediationRequest), path, fault, hit);
      case "request-recreated":
        return this.#recreate(path, fault, hit);
      case "request-cancelled":
        return this.#cancel(path, fault, hit);
      case "retention":
        return this.#retire(hit);
      case "foreign-lock":
        return this.#holdLock({ target: Math.floor(fault.choice * this.#plan.targets), untilMs: this.#world.timeline.nowMs + fault.forMs, unreadable: (fault.choice * 10) % 1 < 0.3, hit });
      default:
        return assertNever(deed);
    }
  }

  #all<T extends KubeObject>(kind: KindInfo<T>): readonly T[] {
    return this.#world.person.list(kind).items;
  }

  #deleteOne(kind: KindInfo, objects: readonly KubeObject[], path: string, fault: Fault, hit: () => void): void {
    if (this.#delete(kind, objects, path, fault) !== undefined) hit();
  }

  /** The name of what was deleted. */
  #delete(kind: KindInfo, objects: readonly KubeObject[], path: string, { choice }: Pick<Fault, "choice">): string | undefined {
    const object = chosen(objects.filter(isKept), path, choice);
    if (!object) return undefined;
    const { uid, name } = object.metadata;
    const propagation = choice < 0.4 ? "Background" : "Foreground";
    this.#touch(object, "lost");
    this.#world.person.delete(kind, { namespace: NAMESPACE, name }, { uid, ...(kind === kinds.Lease ? {} : { propagation }) });
    return name;
  }

  #recreate(path: string, fault: Fault, hit: () => void): void {
    const name = this.#delete(kinds.RemediationRequest, this.#all(kinds.RemediationRequest), path, fault);
    const request = this.#plan.requests.find((planned) => planned.name === name);
    if (request) this.#raiseAgain(request, hit);
  }

  #raiseAgain(request: PlannedRequest, hit: () => void): void {
    this.#busy++;
    this.#world.timeline.after(TRY_AGAIN_MS, () => {
      this.#busy--;
      const { person } = this.#world;
      const isTaken = (kind: KindInfo, name: string): boolean => person.get(kind, { namespace: NAMESPACE, name }) !== undefined;
      // The old one, or the analysis that goes with it, may still be being collected.
      if (isTaken(kinds.RemediationRequest, request.name) || isTaken(kinds.AIAnalysis, aiAnalysisName(request.name))) return this.#raiseAgain(request, hit);
      this.#world.raise(request);
      hit();
    });
  }

  /** Another orchestrator ends one, whatever was under way for it. */
  #cancel(path: string, { choice }: Fault, hit: () => void): void {
    const rr = chosen(this.#all(kinds.RemediationRequest).filter(isOpen), path, choice);
    if (!rr) return;
    this.#cancelOne(rr);
    hit();
  }

  #cancelOne(rr: RemediationRequest | undefined): void {
    if (!rr) return;
    this.#touch(rr, "moved");
    this.#world.person.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, overallPhase: "Cancelled" } });
  }

  /** An operator lets those that have ended go early. */
  #retire(hit: () => void): void {
    const ended = this.#all(kinds.RemediationRequest).filter(isRetained);
    for (const rr of ended) this.#world.person.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, retentionExpiryTime: LONG_AGO } });
    if (ended.length > 0) hit();
  }

  /** A Go replica of another orchestrator: takes the target's Lease when it can, renews it for a while, and dies. An `unreadable` Lease has no duration: nobody can tell when it ends, until it is taken away. */
  #holdLock(lock: ForeignLock): void {
    const { target, untilMs, unreadable, hit } = lock;
    const { person, timeline } = this.#world;
    if (timeline.nowMs > untilMs) return;
    this.#busy++;
    timeline.after(TRY_AGAIN_MS, () => {
      this.#busy--;
      const now = microTime(EPOCH_MS + timeline.nowMs);
      const metadata = { namespace: NAMESPACE, name: leaseName(`${NAMESPACE}/Deployment/app-${target}`) };
      try {
        person.create(kinds.Lease, NAMESPACE, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { holderIdentity: "go-replica", ...(unreadable ? {} : { leaseDurationSeconds: FOREIGN_LEASE_SECONDS }), acquireTime: now, renewTime: now, leaseTransitions: 0 } });
        hit();
        this.#renew(metadata, untilMs, unreadable);
      } catch (error) {
        if (!isRefusal(error, 409)) throw error;
        this.#holdLock(lock);
      }
    });
  }

  #renew(key: { readonly namespace: string; readonly name: string }, untilMs: number, unreadable: boolean): void {
    const { person, timeline } = this.#world;
    if (timeline.nowMs > untilMs) return unreadable ? this.#takeAway(key) : undefined;
    this.#busy++;
    timeline.after(FOREIGN_RENEW_MS, () => {
      this.#busy--;
      const lease = person.get(kinds.Lease, key);
      if (lease?.spec?.holderIdentity !== "go-replica") return;
      person.patch(kinds.Lease, key, { metadata: { uid: lease.metadata.uid }, spec: { renewTime: microTime(EPOCH_MS + timeline.nowMs) } });
      this.#renew(key, untilMs, unreadable);
    });
  }

  #takeAway(key: { readonly namespace: string; readonly name: string }): void {
    const lease = this.#world.person.get(kinds.Lease, key);
    if (lease?.spec?.holderIdentity === "go-replica") this.#world.person.delete(kinds.Lease, key, { uid: lease.metadata.uid });
  }
}

function isKept({ metadata }: KubeObject): boolean {
  return metadata.deletionTimestamp === undefined;
}

function isOpen({ status }: RemediationRequest): boolean {
  return !isTerminalPhase(status?.overallPhase);
}

/** Has ended, and is not let go early yet. */
function isRetained({ status }: RemediationRequest): boolean {
  return isTerminalPhase(status?.overallPhase) && status?.retentionExpiryTime !== LONG_AGO;
}

/** The one that a request on `path` is about, else another one. */
function chosen<T extends KubeObject>(objects: readonly T[], path: string, choice: number): T | undefined {
  return objects.find((one) => isAbout(path, one)) ?? objects[Math.floor(choice * objects.length)];
}

/** Whether a request on `path` is about the object, or about the remediation that it belongs to. */
function isAbout(path: string, object: KubeObject): boolean {
  const name = path.split("?", 1)[0]?.split("/").filter((part) => part !== "status").at(-1) ?? "";
  const owner = controllerOf(object)?.name;
  return name === object.metadata.name || name === owner || (owner !== undefined && name === `we-${owner}`);
}
