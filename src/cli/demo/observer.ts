import type { KindInfo } from "../../api/kind.ts";
import { pathOf } from "../../api/kind.ts";
import { kinds } from "../../api/kinds.ts";
import type { KubeObject } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import { systemClock } from "../../lib/clock.ts";
import type { LocalCluster } from "../local-cluster.ts";
import { NotObserved } from "./claim.ts";

/** A change as the API server made it, and when. Milliseconds of the demo's monotonic clock. */
export interface Seen<T extends KubeObject> {
  readonly atMs: number;
  readonly type: "ADDED" | "MODIFIED" | "DELETED";
  readonly object: T;
}

/** What really happened, by the API server's own watch in this process: nothing that a replica says is believed. */
export interface Observer extends Disposable {
  readonly requests: ReadonlyMap<string, RemediationRequest>;
  readonly executions: readonly Seen<WorkflowExecution>[];
  readonly requestHistory: readonly Seen<RemediationRequest>[];
  /** Told of every change, in the very moment of the write. */
  onChange(listener: () => void): () => void;
  /** Resolves when `condition` holds, looked at after each change; throws NotObserved with `what` after `withinMs`. */
  until(what: string, withinMs: number, condition: () => boolean): Promise<void>;
}

/** Watches RemediationRequests and WorkflowExecutions of one namespace. */
export function observe(local: LocalCluster, namespace: string): Observer {
  const requests = new Map<string, RemediationRequest>();
  const requestHistory: Seen<RemediationRequest>[] = [];
  const executions: Seen<WorkflowExecution>[] = [];
  const listeners = new Set<() => void>();
  const told = (): void => listeners.forEach((listener) => listener());
  const stops = [
    watch(local, kinds.RemediationRequest, namespace, (seen) => {
      if (seen.type === "DELETED") requests.delete(seen.object.metadata.name);
      else requests.set(seen.object.metadata.name, seen.object);
      requestHistory.push(seen);
      told();
    }),
    watch(local, kinds.WorkflowExecution, namespace, (seen) => {
      executions.push(seen);
      told();
    }),
  ];
  return {
    requests,
    executions,
    requestHistory,
    onChange(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    until: (what, withinMs, condition) => until(listeners, what, withinMs, condition),
    [Symbol.dispose]: () => stops.forEach((stop) => stop()),
  };
}

function watch<T extends KubeObject>(local: LocalCluster, kind: KindInfo<T>, namespace: string, tell: (seen: Seen<T>) => void): () => void {
  const headers = { authorization: `Bearer ${local.admin.token}` };
  const response = local.cluster.server.handle({ method: "GET", url: `${pathOf(kind, namespace)}?watch=1`, headers });
  if (response.kind !== "stream") throw new Error(`no watch of ${kind.plural}: ${response.body}`);
  return response.open({
    write(line) {
      // A line of a watch, as the API promises it.
      const event = JSON.parse(line) as { readonly type: Seen<T>["type"]; readonly object: T };
      tell({ atMs: systemClock.monotonic(), type: event.type, object: event.object });
    },
    end: () => undefined,
  });
}

function until(listeners: Set<() => void>, what: string, withinMs: number, condition: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      if (!condition()) return;
      timer.cancel();
      listeners.delete(look);
      resolve();
    };
    const timer = systemClock.timer(withinMs, () => {
      listeners.delete(look);
      reject(new NotObserved(`not observed within ${withinMs / 1000} s: ${what}`));
    });
    listeners.add(look);
    look();
  });
}
