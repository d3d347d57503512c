import type { Job } from "../../src/api/job.ts";
import { kinds } from "../../src/api/kinds.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { targetString } from "../../src/api/target.ts";
import { isFenced, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { follow, type Change, type Following } from "./follow.ts";
import { environmentOf, type Watched } from "./invariants.ts";
import { isOurStep, type Progress } from "./recovery.ts";

/** What the API server's watch has told of the RemediationRequests, the executions and their Jobs since the last `forget`. */
export interface Record extends AsyncDisposable {
  readonly changes: readonly Change<Watched>[];
  readonly requestChanges: readonly Change<RemediationRequest>[];
  readonly progress: readonly Progress[];
  /** Executions that gave way, by uid. */
  readonly fenced: ReadonlySet<string>;
  readonly holes: number;
  /** What is there by now. */
  readonly objects: readonly Watched[];
  /** When something was told last, on the monotonic clock. */
  readonly movedMs: number;
  request(name: string): RemediationRequest | undefined;
  /** Told after every change. Returns the way to stop. */
  onChange(listener: () => void): () => void;
  /** Begins anew: only what comes is kept. */
  forget(): void;
}

/** Watches a namespace from now on. */
export async function startRecord(client: KubeClient, namespace: string): Promise<Record> {
  const record = new WatchRecord();
  await record.watch(client, namespace);
  return record;
}

class WatchRecord implements Record {
  changes: Change<Watched>[] = [];
  requestChanges: Change<RemediationRequest>[] = [];
  progress: Progress[] = [];
  readonly fenced = new Set<string>();
  movedMs = 0;
  readonly #requests = new Map<string, RemediationRequest>();
  readonly #executions = new Map<string, WorkflowExecution>();
  readonly #jobs = new Map<string, Job>();
  readonly #listeners = new Set<() => void>();
  #following: readonly Following[] = [];

  get holes(): number {
    return this.#following.reduce((sum, { holes }) => sum + holes, 0);
  }

  get objects(): readonly Watched[] {
    return [...this.#requests.values(), ...this.#executions.values(), ...this.#jobs.values()];
  }

  async watch(client: KubeClient, namespace: string): Promise<void> {
    this.#following = [
      await follow({ client, kind: kinds.RemediationRequest, namespace, onChange: (change) => this.#onRequest(change) }),
      await follow({ client, kind: kinds.WorkflowExecution, namespace, onChange: (change) => this.#onExecution(change) }),
      await follow({ client, kind: kinds.Job, namespace, onChange: (change) => this.#onJob(change) }),
    ];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#following.map((one) => one[Symbol.asyncDispose]()));
  }

  request(name: string): RemediationRequest | undefined {
    return this.#requests.get(name);
  }

  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  forget(): void {
    this.changes = [];
    this.requestChanges = [];
    this.progress = [];
    this.fenced.clear();
  }

  #onRequest(change: Change<RemediationRequest>): void {
    const { name } = change.object.metadata;
    const phase = change.object.status?.overallPhase;
    if (phase !== this.#requests.get(name)?.status?.overallPhase && (phase === "Executing" || phase === "Verifying" || isTerminalPhase(phase))) this.#moved(targetString(change.object.spec.targetResource));
    keep(this.#requests, name, change);
    this.requestChanges.push(change);
    this.#tell(change);
  }

  #onExecution(change: Change<WorkflowExecution>): void {
    const { object } = change;
    const { uid } = object.metadata;
    const before = this.#executions.get(uid);
    if (!before || phaseOfExecution(before) !== phaseOfExecution(object)) this.#moved(object.spec.targetResource);
    if (isFenced(object)) this.fenced.add(uid);
    keep(this.#executions, uid, change);
    this.#tell(change);
  }

  #onJob(change: Change<Job>): void {
    const { uid } = change.object.metadata;
    if (isOurStep(this.#jobs.get(uid), change.object)) this.#moved(environmentOf(change.object, "RO_TARGET"));
    keep(this.#jobs, uid, change);
    this.#tell(change);
  }

  #moved(target: string): void {
    this.progress.push({ target, atMs: performance.now() });
  }

  #tell(change: Change<Watched>): void {
    this.changes.push(change);
    this.movedMs = change.atMs;
    for (const listener of this.#listeners) listener();
  }
}

function keep<T>(into: Map<string, T>, key: string, { type, object }: Change<T>): void {
  if (type === "DELETED") into.delete(key);
  else into.set(key, object);
}
