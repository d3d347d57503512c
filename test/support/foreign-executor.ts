import { kinds } from "../../src/api/kinds.ts";
import { timestamp } from "../../src/api/timestamp.ts";
import { phaseOfExecution, type WorkflowExecution, type WorkflowExecutionStatus } from "../../src/api/workflow-execution.ts";
import { casStatus } from "../../src/kube/compare-and-swap.ts";
import type { KubeClient } from "../../src/kube/ports.ts";

/** An executor that is not ours: it runs whatever WorkflowExecution exists. */
export interface ForeignExecutor extends AsyncDisposable {
  /** What it ran, in the order of the starts. */
  readonly runs: readonly { readonly request: string; readonly startedMs: number; readonly endedMs?: number }[];
}

/** Starts one; each run takes `runMs`. */
export async function foreignExecutor(client: KubeClient, namespace: string, runMs = 100): Promise<ForeignExecutor> {
  const executor = new Executor(client, namespace, runMs);
  await executor.start();
  return executor;
}

class Executor implements ForeignExecutor {
  readonly runs: { request: string; startedMs: number; endedMs?: number }[] = [];
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #runMs: number;
  readonly #abort = new AbortController();
  readonly #seen = new Set<string>();
  readonly #running = new Set<Promise<void>>();
  #watching: Promise<void> = Promise.resolve();

  constructor(client: KubeClient, namespace: string, runMs: number) {
    this.#client = client;
    this.#namespace = namespace;
    this.#runMs = runMs;
  }

  async start(): Promise<void> {
    const { resourceVersion, items } = await this.#client.list(kinds.WorkflowExecution, { namespace: this.#namespace });
    for (const execution of items) this.#look(execution);
    this.#watching = this.#watch(resourceVersion);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    await Promise.all([this.#watching, ...this.#running]);
  }

  async #watch(resourceVersion: string): Promise<void> {
    try {
      for await (const event of this.#client.watch(kinds.WorkflowExecution, { namespace: this.#namespace, resourceVersion, timeoutSeconds: 600 }, { signal: this.#abort.signal })) {
        if (event.type !== "BOOKMARK" && event.type !== "DELETED") this.#look(event.object);
      }
    } catch (error) {
      if (!this.#abort.signal.aborted) throw error;
    }
  }

  #look(execution: WorkflowExecution): void {
    if (this.#seen.has(execution.metadata.uid) || phaseOfExecution(execution) !== "Pending") return;
    this.#seen.add(execution.metadata.uid);
    const run = this.#run(execution);
    this.#running.add(run);
    void run.finally(() => this.#running.delete(run));
  }

  async #run(execution: WorkflowExecution): Promise<void> {
    const started = await this.#write(execution, { phase: "Running", startTime: timestamp(Date.now()), executionRef: { name: `run-${execution.metadata.name}` } });
    if (!started) return;
    const run: (typeof this.runs)[number] = { request: execution.spec.remediationRequestRef.name ?? "", startedMs: Date.now() };
    this.runs.push(run);
    await new Promise((resolve) => setTimeout(resolve, this.#runMs));
    run.endedMs = Date.now();
    await this.#write(started, { phase: "Completed", completionTime: timestamp(run.endedMs) });
  }

  async #write(execution: WorkflowExecution, status: WorkflowExecutionStatus): Promise<WorkflowExecution | undefined> {
    const swapped = await casStatus(this.#client, kinds.WorkflowExecution, { ...execution, status: { ...execution.status, ...status } });
    return swapped.kind === "written" ? swapped.object : undefined;
  }
}
