import { finalConditionOf, type Job } from "../../src/api/job.ts";
import { controllerOf } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { targetString } from "../../src/api/target.ts";
import { isTerminalExecution, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { Change } from "./follow.ts";
import { environmentOf, type Watched } from "./invariants.ts";
import type { Moment, Progress } from "./recovery.ts";

/** A time in which nothing of a target with open requests changed its state. */
export interface Standstill {
  readonly target: string;
  /** On the clock of the changes. */
  readonly fromMs: number;
  readonly forMs: number;
  /** Whether a workflow of the target was running, as far as Kubernetes had told. */
  readonly running: boolean;
  /** The request whose turn it was, with its phase and those of its execution and its Job. */
  readonly next: string;
  /** How many requests were open, by phase. */
  readonly open: string;
  /** What moved at last; undefined when nothing did. */
  readonly endedBy: string | undefined;
}

/** Shorter ones are not told. */
const TOLD_FROM_MS = 1000;

/** The longest standstills, one of a target that waits behind a running workflow and one of a target that does not: a line for each. Pure. */
export function standstillsTold({ changes, faults, progress }: { readonly changes: readonly Change<Watched>[]; readonly faults: readonly Moment[]; readonly progress: readonly Progress[] }): readonly string[] {
  const startMs = changes[0]?.atMs ?? 0;
  const all = standstills(changes).filter(({ forMs }) => forMs >= TOLD_FROM_MS);
  const longest = [false, true].flatMap((running) => longestOf(all.filter((one) => one.running === running)));
  return longest.map(({ target, fromMs, forMs, running, next, open, endedBy }) => {
    const during = ({ atMs }: { readonly atMs: number }): boolean => atMs > fromMs && atMs < fromMs + forMs;
    const elsewhere = progress.filter((step) => step.target !== target && during(step)).length;
    const where = `${running ? "stood still longest behind a running workflow" : "stood still longest"}: ${target}, ${seconds(forMs)} from ${seconds(fromMs - startMs)} on`;
    return `${where}, with ${faults.filter(during).length} faults and ${elsewhere} steps on other targets meanwhile; next was ${next}; open were ${open}; ${endedBy === undefined ? "nothing ended it" : `ended by ${endedBy}`}`;
  });
}

function longestOf(all: readonly Standstill[]): readonly Standstill[] {
  return all.toSorted((a, b) => b.forMs - a.forMs).slice(0, 1);
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

/** Every time between two changes of state of one target while it had open requests, in the order in which they were seen to end. Pure. */
export function standstills(changes: readonly Change<Watched>[]): readonly Standstill[] {
  const targets = new Map<string, Target>();
  const all: Standstill[] = [];
  for (const change of changes) {
    const name = targetOf(change.object);
    const target = targets.get(name) ?? new Target(name, change.atMs);
    targets.set(name, target);
    all.push(...target.see(change));
  }
  const endMs = changes.at(-1)?.atMs ?? 0;
  return [...all, ...[...targets.values()].flatMap((target) => target.standing(endMs, undefined))];
}

function targetOf(object: Watched): string {
  // The kind says what else is in it.
  if (object.kind === "RemediationRequest") return targetString((object as RemediationRequest).spec.targetResource);
  return object.kind === "WorkflowExecution" ? (object as WorkflowExecution).spec.targetResource : environmentOf(object as Job, "RO_TARGET");
}

class Target {
  readonly #name: string;
  #sinceMs: number;
  /** Requests that have not ended, in the order in which they were seen first. */
  readonly #open = new Map<string, RemediationRequest>();
  /** Executions that have not ended. */
  readonly #executions = new Map<string, WorkflowExecution>();
  /** Jobs that have not finished. */
  readonly #jobs = new Map<string, Job>();
  readonly #states = new Map<string, string>();

  constructor(name: string, sinceMs: number) {
    this.#name = name;
    this.#sinceMs = sinceMs;
  }

  /** The standstill that a change ends, if it changes a state. */
  see({ type, object, atMs }: Change<Watched>): readonly Standstill[] {
    const { uid, name } = object.metadata;
    const state = type === "DELETED" ? "gone" : stateOf(object);
    const moved = state !== this.#states.get(uid);
    const ended = moved ? this.standing(atMs, `${object.kind} ${name}: ${state}`) : [];
    if (moved) this.#sinceMs = atMs;
    this.#states.set(uid, state);
    this.#keep(object, type === "DELETED");
    return ended;
  }

  /** How it stands, if a request is open. */
  standing(nowMs: number, endedBy: string | undefined): readonly Standstill[] {
    const next = this.#next();
    if (!next) return [];
    const phases = Map.groupBy(this.#open.values(), (request) => stateOf(request));
    const open = [...phases].map(([phase, those]) => `${those.length} ${phase}`).join(", ");
    const running = [...this.#jobs.values()].some((job) => !job.spec.suspend);
    return [{ target: this.#name, fromMs: this.#sinceMs, forMs: nowMs - this.#sinceMs, running, next: this.#told(next), open, endedBy }];
  }

  /** Whose execution has not ended; else who says Executing; else the first that was there and still wants the target. */
  #next(): RemediationRequest | undefined {
    const open = [...this.#open.values()];
    const owners = new Set([...this.#executions.values()].map((execution) => controllerOf(execution)?.uid));
    return open.find(({ metadata }) => owners.has(metadata.uid)) ?? open.find(({ status }) => status?.overallPhase === "Executing") ?? open.find(({ status }) => status?.overallPhase !== "Verifying") ?? open[0];
  }

  #told(request: RemediationRequest): string {
    const execution = [...this.#executions.values()].find((one) => controllerOf(one)?.uid === request.metadata.uid);
    const job = execution && [...this.#jobs.values()].find((one) => controllerOf(one)?.uid === execution.metadata.uid);
    return [`${request.metadata.name} ${stateOf(request)}`, ...(execution ? [`its execution ${stateOf(execution)}`] : []), ...(job ? [`its Job ${stateOf(job)}`] : [])].join(", ");
  }

  #keep(object: Watched, gone: boolean): void {
    switch (object.kind) {
      case "RemediationRequest":
        return keep(this.#open, object as RemediationRequest, gone || isTerminalPhase((object as RemediationRequest).status?.overallPhase));
      case "WorkflowExecution":
        return keep(this.#executions, object as WorkflowExecution, gone || isTerminalExecution(object as WorkflowExecution));
      default:
        return keep(this.#jobs, object as Job, gone || finalConditionOf(object as Job) !== undefined);
    }
  }
}

function keep<T extends Watched>(into: Map<string, T>, object: T, over: boolean): void {
  if (over) into.delete(object.metadata.uid);
  else into.set(object.metadata.uid, object);
}

/** In a word or two; what does not change it is no movement. */
function stateOf(object: Watched): string {
  switch (object.kind) {
    case "RemediationRequest": {
      const { overallPhase = "new", routingStatus } = (object as RemediationRequest).status ?? {};
      return overallPhase === "Blocked" ? `Blocked as ${routingStatus?.blockReason}` : overallPhase;
    }
    case "WorkflowExecution":
      return phaseOfExecution(object as WorkflowExecution);
    default: {
      const job = object as Job;
      const state = finalConditionOf(job)?.type ?? (job.spec.suspend ? "suspended" : "at work");
      return job.metadata.deletionTimestamp ? `${state}, to go` : state;
    }
  }
}
