import { aiAnalysisName } from "../../src/api/child-names.ts";
import { kinds } from "../../src/api/kinds.ts";
import { microTime } from "../../src/api/lease.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import { isRefusal } from "../../src/apiserver/in-process-client.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import { leaseName } from "../../src/locking/lease-name.ts";
import type { Fault, FaultName, Plan, PlannedRequest } from "./plan.ts";
import { EPOCH_MS } from "./process.ts";
import type { World } from "./world.ts";
import { NAMESPACE } from "./workload.ts";

export type Deed = Extract<FaultName, "lease-deleted" | "execution-deleted" | "job-deleted" | "request-deleted" | "request-recreated" | "request-cancelled" | "retention" | "foreign-lock">;

const FOREIGN_LEASE_SECONDS = 3;
const FOREIGN_RENEW_MS = 1000;
const TRY_AGAIN_MS = 50;

/** People with kubectl, and somebody else's controller: they do what the API lets them do, at a bad moment. */
export class People {
  readonly #world: World;
  readonly #plan: Plan;
  #busy = 0;

  constructor(world: World, plan: Plan) {
    this.#world = world;
    this.#plan = plan;
  }

  /** Whether somebody has not finished what he began. */
  get busy(): boolean {
    return this.#busy > 0;
  }

  /** Does it soon, to the object that a request on `path` is about where it is of that kind, else to another one. */
  act(deed: Deed, fault: Fault, path: string): void {
    this.#busy++;
    this.#world.timeline.after(fault.choice * 5, () => {
      this.#busy--;
      this.#do(deed, fault, path);
    });
  }

  #do(deed: Deed, fault: Fault, path: string): void {
    switch (deed) {
      case "lease-deleted":
        return void this.#delete(kinds.Lease, [...this.#world.view.leases.values()], path, fault);
      case "execution-deleted":
        return void this.#delete(kinds.WorkflowExecution, this.#all(kinds.WorkflowExecution), path, fault);
      case "job-deleted":
        return void this.#delete(kinds.Job, this.#all(kinds.Job), path, fault);
      case "request-deleted":
        return void this.#delete(kinds.RemediationRequest, this.#all(kinds.RemediationRequest), path, fault);
      case "request-recreated":
        return this.#recreate(path, fault);
      case "request-cancelled":
        return this.#cancel(path, fault);
      case "retention":
        return this.#retire();
      case "foreign-lock":
        return this.#holdLock(Math.floor(fault.choice * this.#plan.targets), this.#world.timeline.nowMs + fault.forMs, (fault.choice * 10) % 1 < 0.3);
      default:
        return assertNever(deed);
    }
  }

  #all<T extends KubeObject>(kind: KindInfo<T>): readonly T[] {
    return this.#world.person.list(kind).items;
  }

  #delete(kind: KindInfo, objects: readonly KubeObject[], path: string, { choice }: Fault): string | undefined {
    const object = chosen(objects.filter(({ metadata }) => metadata.deletionTimestamp === undefined), path, choice);
    if (!object) return undefined;
    const { uid, name } = object.metadata;
    const propagation = choice < 0.4 ? "Background" : "Foreground";
    try {
      this.#world.person.delete(kind, { namespace: NAMESPACE, name }, { uid, ...(kind === kinds.Lease ? {} : { propagation }) });
    } catch (error) {
      if (!isRefusal(error, 404, 409)) throw error;
    }
    return name;
  }

  #recreate(path: string, fault: Fault): void {
    const name = this.#delete(kinds.RemediationRequest, this.#all(kinds.RemediationRequest), path, fault);
    const request = this.#plan.requests.find((planned) => planned.name === name);
    if (request) this.#raiseAgain(request);
  }

  #raiseAgain(request: PlannedRequest): void {
    this.#busy++;
    this.#world.timeline.after(TRY_AGAIN_MS, () => {
      this.#busy--;
      const { person } = this.#world;
      const isTaken = (kind: KindInfo, name: string): boolean => person.get(kind, { namespace: NAMESPACE, name }) !== undefined;
      // The old one, or the analysis that goes with it, may still be being collected.
      if (isTaken(kinds.RemediationRequest, request.name) || isTaken(kinds.AIAnalysis, aiAnalysisName(request.name))) this.#raiseAgain(request);
      else this.#world.raise(request);
    });
  }

  /** Another orchestrator ends one, whatever was under way for it. */
  #cancel(path: string, { choice }: Fault): void {
    const rr = chosen(this.#all(kinds.RemediationRequest).filter(({ status }) => !isTerminalPhase(status?.overallPhase)), path, choice);
    if (rr) this.#world.person.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, overallPhase: "Cancelled" } });
  }

  /** An operator lets those that have ended go early. */
  #retire(): void {
    for (const rr of this.#all(kinds.RemediationRequest)) {
      if (!isTerminalPhase(rr.status?.overallPhase)) continue;
      const retentionExpiryTime = `${new Date(EPOCH_MS).toISOString().slice(0, 19)}Z`;
      this.#world.person.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, retentionExpiryTime } });
    }
  }

  /** A Go replica of another orchestrator: takes the target's Lease when it can, renews it for a while, and dies. An `unreadable` Lease has no duration: nobody can tell when it ends, until it is taken away. */
  #holdLock(target: number, untilMs: number, unreadable: boolean): void {
    const { person, timeline } = this.#world;
    if (timeline.nowMs > untilMs) return;
    this.#busy++;
    timeline.after(TRY_AGAIN_MS, () => {
      this.#busy--;
      const now = microTime(EPOCH_MS + timeline.nowMs);
      const metadata = { namespace: NAMESPACE, name: leaseName(`${NAMESPACE}/Deployment/app-${target}`) };
      try {
        person.create(kinds.Lease, NAMESPACE, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec: { holderIdentity: "go-replica", ...(unreadable ? {} : { leaseDurationSeconds: FOREIGN_LEASE_SECONDS }), acquireTime: now, renewTime: now, leaseTransitions: 0 } });
        this.#renew(metadata, untilMs, unreadable);
      } catch (error) {
        if (!isRefusal(error, 409)) throw error;
        this.#holdLock(target, untilMs, unreadable);
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
