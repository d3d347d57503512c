import { createHash } from "node:crypto";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { TestCluster } from "../../test/support/cluster.ts";

/** A kind that nobody knows: the health of such targets is not asked for, and so costs nothing. */
const TARGET_KIND = "Widget";

/** Puts a workflow into the catalog that takes `runMs`, for signals of that name only. */
export async function addWorkflow({ client, namespace }: TestCluster, name: string, signalName: string, runMs: number): Promise<void> {
  const script = JSON.stringify({ runMs, exitCode: 0 });
  await client.create(kinds.RemediationWorkflow, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationWorkflow",
    metadata: { name, namespace },
    spec: {
      actionType: "RestartWorkload",
      version: "1.0.0",
      description: { what: "Restarts it.", whenToUse: "It crashes." },
      labels: { component: [TARGET_KIND], environment: ["*"], severity: ["*"], priority: "*" },
      customLabels: { signalName },
      execution: { engine: "job", bundle: "example.com/restart:1.0.0", engineConfig: { podAnnotations: { "ro.dev/script": script } } },
      parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "What to restart." }],
    },
  });
}

/** An alert about the target of that name. */
export function alertOn({ client, namespace }: TestCluster, name: string, target: string, signalName: string): Promise<RemediationRequest> {
  return client.create(kinds.RemediationRequest, alertDraft(namespace, name, target, signalName));
}

export function alertDraft(namespace: string, name: string, target: string, signalName: string): Draft<RemediationRequest> {
  const at = new Date().toISOString();
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationRequest",
    metadata: { name, namespace },
    spec: {
      signalFingerprint: createHash("sha256").update(name).digest("hex"),
      signalName,
      severity: "critical",
      signalType: "alert",
      targetType: "kubernetes",
      targetResource: { kind: TARGET_KIND, name: target, namespace },
      firingTime: at,
      receivedTime: at,
    },
  };
}
