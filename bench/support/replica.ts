import { join } from "node:path";
import { startChild } from "./child.ts";
import type { LaunchSample } from "./launch-probe.ts";
import type { Coordinates } from "./server.ts";

/** What a replica process is told. */
export interface ReplicaOrders extends Coordinates {
  readonly namespace: string;
  readonly identity: string;
}

/** What a replica process has seen of itself since it was asked last. */
export interface ReplicaReport {
  readonly launches: readonly LaunchSample[];
  /** Requests by `verb Kind status`. */
  readonly requests: Readonly<Record<string, number>>;
  readonly cpuMs: number;
  readonly wallMs: number;
  readonly rssMb: number;
  /** What is left after a full collection. */
  readonly heapMb: number;
  /** How late its event loop was, milliseconds above the timer's own tick. */
  readonly loop: { readonly p50: number; readonly p99: number; readonly max: number };
}

/** One replica in a process of its own. Disposing stops it as a pod is stopped. */
export interface ReplicaProcess extends AsyncDisposable {
  /** `collect`: with a full garbage collection before memory is looked at, which itself holds up the event loop. */
  report(options?: { readonly collect?: boolean }): Promise<ReplicaReport>;
}

/** Resolves when it is at work. */
export async function startReplicaProcess(orders: ReplicaOrders): Promise<ReplicaProcess> {
  const child = startChild(join(import.meta.dirname, "replica-process.ts"), ["--expose-gc"]);
  await child.ask(orders);
  return {
    report: ({ collect = false } = {}) => child.ask<ReplicaReport>({ collect }),
    [Symbol.asyncDispose]: () => child[Symbol.asyncDispose](),
  };
}
