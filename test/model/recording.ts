import { EmbeddedApiServer } from "../../src/apiserver/server.ts";
import { inProcessClient } from "../../src/apiserver/in-process-client.ts";
import { startJobController } from "../../src/apiserver/jobs/job-controller.ts";
import { startNode } from "../../src/apiserver/node/node.ts";
import type { ApiHandler } from "../../src/apiserver/ports.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { KubeObject } from "../../src/api/object.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createInProcessTransport } from "../support/in-process-transport.ts";
import type { ApiChange } from "./actions-of.ts";

/** An API server with a Job controller and a node, and everything about the protocol's kinds that was ever written to it. */
export interface RecordedCluster extends AsyncDisposable {
  /** In the order of the writes. */
  readonly changes: readonly ApiChange[];
  /** A client whose writes are recorded as `user`'s. */
  clientOf(user: string): KubeClient;
  /** Records the kinds of the protocol from now on; their CRDs must be there. */
  record(): void;
  /** Resolves as soon as it holds, looked at after each recorded change; rejects after `withinMs`. */
  until(what: string, holds: () => boolean, withinMs?: number): Promise<void>;
}

/** Whoever writes outside of a request is the garbage collector. */
const COLLECTOR = "garbage-collector";

export async function recordedCluster(): Promise<RecordedCluster> {
  const clock = systemClock;
  const server = new EmbeddedApiServer({ clock });
  const changes: ApiChange[] = [];
  const listeners = new Set<() => void>();
  let by = COLLECTOR;
  // A write happens, and its watches are told, within the call: whoever calls is who wrote.
  const as = (user: string): ApiHandler => (request) => {
    const before = by;
    by = user;
    try {
      return server.handle(request);
    } finally {
      by = before;
    }
  };
  const jobs = startJobController({ handle: as("job-controller"), clock, random: Math.random });
  const node = startNode({ handle: as("node"), clock, mode: "script" });
  const stops: (() => void)[] = [];
  const transports = new Map<string, ReturnType<typeof createInProcessTransport>>();
  const follow = (kind: KindInfo): void => {
    const last = new Map<string, KubeObject>();
    const stop = inProcessClient({ handle: as("recorder") }).watch<KubeObject>(kind, server.resourceVersion, (event) => {
      if (event.type === "closed") return;
      const { type, object } = event;
      const previous = last.get(object.metadata.uid);
      last.set(object.metadata.uid, object);
      changes.push({ atMs: clock.monotonic(), kind: kind.kind, type, object, by, ...(previous ? { previous } : {}) });
      listeners.forEach((listener) => listener());
    });
    stops.push(stop);
  };
  return {
    changes,
    clientOf(user) {
      const transport = createInProcessTransport({ call: async (request) => as(user)(request), clock });
      transports.set(user, transport);
      return createKubeClient({ transport, clock });
    },
    record: () => [kinds.RemediationRequest, kinds.WorkflowExecution, kinds.Job].forEach((kind) => follow(kind)),
    until: (what, holds, withinMs = 30_000) => untilTold(listeners, what, holds, withinMs),
    async [Symbol.asyncDispose]() {
      stops.forEach((stop) => stop());
      jobs.stop();
      await node.stop();
      await Promise.all([...transports.values()].map((transport) => transport.close()));
      server.close();
    },
  };
}

function untilTold(listeners: Set<() => void>, what: string, holds: () => boolean, withinMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      if (!holds()) return;
      timer.cancel();
      listeners.delete(settle);
      resolve();
    };
    const timer = systemClock.timer(withinMs, () => {
      listeners.delete(settle);
      reject(new Error(`not within ${withinMs} ms: ${what}`));
    });
    listeners.add(settle);
    settle();
  });
}
