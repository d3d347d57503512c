import { finalConditionOf, type Job } from "../../src/api/job.ts";
import { controllerOf } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { Change } from "./follow.ts";

/** An invariant of the safety protocol that a state of the cluster broke. */
export interface Violation {
  readonly invariant: "I1" | "I2" | "I3" | "I4" | "I5";
  readonly version: number;
  readonly what: string;
}

/** What the judge watches. */
export type Watched = RemediationRequest | WorkflowExecution | Job;

/**
 * Replays the changes of all three kinds in the API server's own order and looks at every state between them. Each broken
 * invariant is told once for the objects that break it. Pure.
 */
export function violationsIn(changes: readonly Change<Watched>[]): readonly Violation[] {
  const replay = new Replay();
  for (const change of changes.toSorted((a, b) => a.version - b.version)) replay.apply(change);
  return replay.violations;
}

class Replay {
  readonly #found = new Map<string, Violation>();
  readonly #requests = new Map<string, RemediationRequest>();
  readonly #executions = new Map<string, WorkflowExecution>();
  readonly #jobs = new Map<string, Job>();
  // Only these can break anything, and there are few of them at any moment.
  readonly #running = new Map<string, WorkflowExecution>();
  readonly #active = new Map<string, Job>();
  readonly #resumes = new Map<string, Set<string>>();

  get violations(): readonly Violation[] {
    return [...this.#found.values()];
  }

  apply({ type, version, object }: Change<Watched>): void {
    const gone = type === "DELETED";
    switch (object.kind) {
      case "RemediationRequest":
        put(this.#requests, object as RemediationRequest, gone);
        break;
      case "WorkflowExecution":
        put(this.#executions, object as WorkflowExecution, gone);
        put(this.#running, object as WorkflowExecution, gone || phaseOfExecution(object as WorkflowExecution) !== "Running");
        break;
      default:
        this.#applyJob(object as Job, gone, version);
    }
    this.#lookAt(version);
  }

  #applyJob(job: Job, gone: boolean, version: number): void {
    const active = !gone && !job.spec.suspend && !finalConditionOf(job);
    const before = this.#jobs.get(job.metadata.uid);
    if (!gone && !job.spec.suspend && (before === undefined || before.spec.suspend)) this.#resumed(job, version);
    put(this.#jobs, job, gone);
    put(this.#active, job, !active);
  }

  #resumed(job: Job, version: number): void {
    const request = environmentOf(job, "RO_RUN_ID");
    const resumed = this.#resumes.get(request) ?? new Set<string>();
    resumed.add(`${job.metadata.name}@${version}`);
    this.#resumes.set(request, resumed);
    if (resumed.size > 1) this.#tell("I4", request, version, `RemediationRequest ${request} resumed ${[...resumed].join(" and ")}`);
  }

  #lookAt(version: number): void {
    this.#atMostOne("I1", version, [...this.#running.values()], ({ spec }) => spec.targetResource);
    this.#atMostOne("I2", version, [...this.#active.values()], (job) => environmentOf(job, "RO_TARGET"));
    for (const job of this.#active.values()) this.#jobHasRunningExecution(job, version);
    for (const execution of this.#running.values()) this.#requestSaysSo(execution, version);
  }

  #atMostOne<T extends Watched>(invariant: "I1" | "I2", version: number, objects: readonly T[], targetOf: (object: T) => string): void {
    for (const [target, together] of Map.groupBy(objects, targetOf)) {
      const names = together.map(({ metadata }) => metadata.name);
      if (names.length > 1) this.#tell(invariant, names.toSorted().join(), version, `${names.join(" and ")} at once on ${target}`);
    }
  }

  #jobHasRunningExecution(job: Job, version: number): void {
    const owner = controllerOf(job)?.uid ?? "";
    const execution = this.#running.get(owner);
    if (execution?.status?.executionRef?.uid === job.metadata.uid) return;
    this.#tell("I3", job.metadata.uid, version, `Job ${job.metadata.name} runs, and its execution is ${this.#executions.get(owner)?.status?.phase ?? "not there"}`);
  }

  #requestSaysSo(execution: WorkflowExecution, version: number): void {
    const request = this.#requests.get(controllerOf(execution)?.uid ?? "");
    if (!request || isTerminalPhase(request.status?.overallPhase)) return;
    const { overallPhase, phaseProgress } = request.status ?? {};
    if (overallPhase === "Executing" && phaseProgress?.workflowExecutionRef?.uid === execution.metadata.uid) return;
    this.#tell("I5", execution.metadata.uid, version, `${execution.metadata.name} runs, and ${request.metadata.name} is ${overallPhase} of ${phaseProgress?.workflowExecutionRef?.uid}`);
  }

  #tell(invariant: Violation["invariant"], about: string, version: number, what: string): void {
    const key = `${invariant} ${about}`;
    if (!this.#found.has(key)) this.#found.set(key, { invariant, version, what });
  }
}

function put<T extends Watched>(into: Map<string, T>, object: T, gone: boolean): void {
  if (gone) into.delete(object.metadata.uid);
  else into.set(object.metadata.uid, object);
}

/** A variable of the Job's container, as the executor set it. */
export function environmentOf(job: Job, name: string): string {
  return job.spec.template.spec.containers[0]?.env?.find((variable) => variable.name === name)?.value ?? "";
}
