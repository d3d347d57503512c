import { kinds } from "../../src/api/kinds.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { RemediationPhase, RemediationRequest } from "../../src/api/remediation-request.ts";
import { isTerminalExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { KubeClient } from "../../src/kube/ports.ts";

/** A change as the API server's watch told it. */
export interface Change<T> {
  readonly atMs: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** The judge: what the API server says happened in a namespace, in its own order. */
export interface Watched extends AsyncDisposable {
  readonly requests: readonly Change<RemediationRequest>[];
  readonly executions: readonly Change<WorkflowExecution>[];
  /** RemediationRequests as they are now. */
  latest(): readonly RemediationRequest[];
  /** Resolves as soon as it holds; rejects after `withinMs` with what was waited for and how things stand. */
  until(what: string, condition: () => boolean, withinMs?: number): Promise<void>;
  /** The RemediationRequest of that name as soon as it is in that phase. Rejects like `until`. */
  phase(name: string, wanted: RemediationPhase): Promise<RemediationRequest>;
}

/** Watches from now on. */
export async function watchNamespace(client: KubeClient, namespace: string): Promise<Watched> {
  const end = new AbortController();
  const requests: Change<RemediationRequest>[] = [];
  const executions: Change<WorkflowExecution>[] = [];
  const listeners = new Set<() => void>();
  const told = (): void => listeners.forEach((listener) => listener());
  const running = [await follow(client, kinds.RemediationRequest, namespace, requests, told, end.signal), await follow(client, kinds.WorkflowExecution, namespace, executions, told, end.signal)];
  const latest = (): readonly RemediationRequest[] => {
    const byName = new Map<string, RemediationRequest>();
    for (const { type, object } of requests) {
      if (type === "DELETED") byName.delete(object.metadata.name);
      else byName.set(object.metadata.name, object);
    }
    return [...byName.values()];
  };
  const watched: Watched = {
    requests,
    executions,
    latest,
    async phase(name, wanted) {
      const find = (): RemediationRequest | undefined => latest().find(({ metadata, status }) => metadata.name === name && status?.overallPhase === wanted);
      await watched.until(`${name} is ${wanted}`, () => find() !== undefined);
      const found = find();
      if (!found) throw new Error(`${name} has moved on`);
      return found;
    },
    until: (what, condition, withinMs = 40_000) =>
      new Promise((resolve, reject) => {
        const settle = (): boolean => {
          if (!condition()) return false;
          clearTimeout(timer);
          listeners.delete(settle);
          resolve();
          return true;
        };
        const timer = setTimeout(() => {
          listeners.delete(settle);
          reject(new Error(`not within ${withinMs} ms: ${what}\n${latest().map(({ metadata, status }) => `${metadata.name} ${status?.overallPhase} ${status?.message}`).join("\n")}`));
        }, withinMs);
        listeners.add(settle);
        settle();
      }),
    async [Symbol.asyncDispose]() {
      end.abort();
      await Promise.all(running.map(({ ended }) => ended));
    },
  };
  return watched;
}

async function follow<T extends KubeObject>(client: KubeClient, kind: KindInfo<T>, namespace: string, into: Change<T>[], told: () => void, signal: AbortSignal): Promise<{ readonly ended: Promise<void> }> {
  const { resourceVersion, items } = await client.list(kind, { namespace });
  for (const object of items) into.push({ atMs: performance.now(), type: "ADDED", object });
  const run = async (): Promise<void> => {
    try {
      for await (const event of client.watch(kind, { namespace, resourceVersion, timeoutSeconds: 600 }, { signal })) {
        if (event.type === "BOOKMARK") continue;
        into.push({ atMs: performance.now(), type: event.type, object: event.object });
        told();
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  };
  return { ended: run() };
}

/** In the order of the API server's writes: how many executions were unfinished at once at most, and each end to the next creation. */
export function handOffs(executions: readonly Change<WorkflowExecution>[]): { readonly most: number; readonly ms: readonly number[] } {
  const unfinished = new Set<string>();
  const ms: number[] = [];
  let most = 0;
  let endedAtMs: number | undefined;
  for (const { type, object, atMs } of executions) {
    const { uid } = object.metadata;
    if (type === "DELETED" || isTerminalExecution(object)) {
      if (unfinished.delete(uid)) endedAtMs = atMs;
    } else if (!unfinished.has(uid)) {
      unfinished.add(uid);
      if (endedAtMs !== undefined) ms.push(atMs - endedAtMs);
    }
    most = Math.max(most, unfinished.size);
  }
  return { most, ms };
}

/** Whether two of the runs overlapped in time. */
export function overlap(runs: readonly { readonly startedMs: number; readonly endedMs?: number | undefined }[]): boolean {
  return runs.some((a) => runs.some((b) => a !== b && b.startedMs < (a.endedMs ?? Number.POSITIVE_INFINITY) && a.startedMs < (b.endedMs ?? Number.POSITIVE_INFINITY)));
}
