import { kinds } from "../../api/kinds.ts";
import { keyOf } from "../../api/object.ts";
import type { Deployment } from "../../api/workload.ts";
import type { Clock } from "../../lib/clock.ts";
import { silentLogger, type Logger } from "../../lib/log.ts";
import { delayMs, DelayedKeys, type Delay } from "../delayed-keys.ts";
import { inProcessClient } from "../in-process-client.ts";
import { InProcessMirror } from "../in-process-mirror.ts";
import type { ApiHandler } from "../ports.ts";
import { deploymentStatus } from "./deployment-status.ts";

export interface DeploymentControllerDeps {
  readonly handle: ApiHandler;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly log?: Logger;
  /** From a change of a Deployment (its spec, or the annotation that breaks it) to the status that says it is rolled out. Default 50 ms. */
  readonly rolloutMs?: Delay;
}

/**
 * Makes Deployments look rolled out: status, counters and the conditions Available and Progressing follow spec and annotation
 * `ro.dev/unavailable`. Nothing is rolled out in truth: it makes no ReplicaSet and no pod. `stop` may be called twice.
 */
export function startDeploymentController(deps: DeploymentControllerDeps): { stop(): void } {
  const { clock, log = silentLogger } = deps;
  const client = inProcessClient(deps);
  const write = (key: string): void => {
    const deployment = mirror.get(key);
    if (!deployment || deployment.metadata.deletionTimestamp !== undefined) return;
    const status = deploymentStatus(deployment, clock.now());
    if (JSON.stringify(status) === JSON.stringify(deployment.status)) return;
    const { uid, resourceVersion } = deployment.metadata;
    client.patch(kinds.Deployment, deployment.metadata, { metadata: { uid, resourceVersion }, status: { ...CLEARED, ...status } }, "status");
  };
  const keys = new DelayedKeys({ clock, log, run: write });
  const mirror = new InProcessMirror<Deployment>({ client, clock, kind: kinds.Deployment, onChange: ({ object }) => object && keys.ask(keyOf(object), delayMs(deps.rolloutMs, 50)) });
  mirror.start();
  return {
    stop: () => {
      mirror.stop();
      keys.stop();
    },
  };
}

// A merge patch leaves what it does not name: counters that are zero now are taken away.
const CLEARED = { replicas: null, updatedReplicas: null, readyReplicas: null, availableReplicas: null, unavailableReplicas: null };
