import { finalConditionOf } from "../../api/job.ts";
import { kinds } from "../../api/kinds.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { Clock } from "../../lib/clock.ts";
import { isKubeError } from "../../kube/kube-error.ts";
import type { KubeClient } from "../../kube/ports.ts";

const RETRY_MS = 200;

/**
 * What everybody writes first, and what this product exists to replace: is the target busy? No? Then start. Between the
 * check and the creation lies a moment, and somebody else is in it. Demo code: it shows the race.
 */
export async function runNaiveOrchestrator(client: KubeClient, namespace: string, clock: Clock, signal: AbortSignal): Promise<void> {
  const { items, resourceVersion } = await client.list(kinds.RemediationRequest, { namespace });
  for (const rr of items) void remediate(client, rr, clock);
  for await (const event of client.watch(kinds.RemediationRequest, { namespace, resourceVersion, timeoutSeconds: 600 }, { signal })) {
    if (event.type === "ADDED") void remediate(client, event.object, clock);
  }
}

// --- the race, as it is shown on the screen
async function remediate(client: KubeClient, rr: RemediationRequest, clock: Clock): Promise<void> {
  const { namespace = "" } = rr.metadata;
  for (;;) {
    const { items } = await client.list(kinds.Job, { namespace, labelSelector: `target=${rr.spec.targetResource.name}` });
    const busy = items.some((job) => finalConditionOf(job) === undefined); //   check ...
    if (!busy) break;
    await clock.sleep(RETRY_MS);
  }
  try {
    await client.create(kinds.Job, workflowJob(rr)); //                         ... then create
  } catch (error) {
    if (!isKubeError(error, "AlreadyExists")) throw error; // another replica took the same alert
  }
}
// ---

function workflowJob({ metadata: { name, namespace = "" }, spec }: RemediationRequest) {
  const annotations = { "ro.dev/script": JSON.stringify({ runMs: 1000, exitCode: 0 }) };
  const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "workflow", image: "example.com/workflows/restart:1.0.0" }] } } as const;
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name, namespace, labels: { target: spec.targetResource.name } }, spec: { backoffLimit: 0, template } };
}
