import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { workflowExecutionName } from "../../../src/api/child-names.ts";
import { kinds, TARGET_KINDS } from "../../../src/api/kinds.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { failedStatus } from "../../../src/workers/execution/execution-status.ts";
import { testCluster, type TestCluster } from "../../support/cluster.ts";
import { intercept } from "../../support/intercept.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";
import { auditFindings, complaintsAbout } from "../audit.ts";
import { controlPlane, type SharedControlPlane } from "../shared.ts";
import { apiOf } from "../test-api.ts";

/** The garbage collector looks for new kinds every 30 s, and ours may have just been installed. */
const COLLECTED_WITHIN_MS = 45_000;
const SHORT_RETENTION = { ...defaultSettings, retentionMs: 1000 };

describe("every right of deploy/rbac.yaml is used, and every one that is used is granted", () => {
  let plane: SharedControlPlane;

  before(async () => {
    plane = await controlPlane();
  });
  after(() => plane[Symbol.asyncDispose]());

  const story = (what: string, tell: (cluster: TestCluster, watched: Watched) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await apiOf(plane);
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell(cluster, watched);
    });

  story("a replica that loses the first answer to each creation finds what it has made", async (cluster, watched) => {
    await cluster.workflow("broken", undefined, { runMs: 50, exitCode: 3 });
    await cluster.workflow("cure", "Curable");
    await cluster.startReplica("replica-0", { client: losingFirstAnswers() });
    await cluster.alert("rr-a", "Curable");
    await ended(watched, "rr-a");
    await cluster.alert("rr-b", "Incurable");
    await ended(watched, "rr-b");
    await watched.until("rr-b has its notification", () => watched.latest().some(({ metadata, status }) => metadata.name === "rr-b" && status?.completionStatus?.notificationRequestRefs?.length === 1));
  });

  story("a workflow is stopped when its remediation is deleted", async (cluster, watched) => {
    await cluster.workflow("long", undefined, { runMs: 30_000, exitCode: 0 });
    await cluster.startReplica("replica-0");
    const { metadata } = await cluster.alert("rr-a");
    await watched.until("the workflow runs", () => watched.executions.some(({ object }) => object.status?.phase === "Running"));
    await cluster.client.delete(kinds.RemediationRequest, { namespace: cluster.namespace, name: "rr-a" }, { uid: metadata.uid });
    await watched.until("the execution is gone", () => watched.executions.some(({ type }) => type === "DELETED"), COLLECTED_WITHIN_MS);
  });

  story("an execution that was fenced makes room, and a remediation goes when its time is up", async (cluster, watched) => {
    await cluster.workflow("restart");
    const rr = await cluster.alert("rr-a");
    await fencedExecutionOf(rr, cluster);
    await cluster.startReplica("replica-0", { config: { remediation: SHORT_RETENTION } });
    await ended(watched, "rr-a");
    await watched.until("rr-a is gone", () => watched.requests.some(({ type }) => type === "DELETED"));
  });

  story("a target of each kind is read", async (cluster, watched) => {
    await cluster.startReplica("replica-0");
    for (const [at, kind] of TARGET_KINDS.entries()) {
      await cluster.alert(`rr-${at}`, undefined, { kind: kind.kind, name: "checkout", ...(kind.namespaced ? { namespace: cluster.namespace } : {}) });
    }
    for (const at of TARGET_KINDS.keys()) await ended(watched, `rr-${at}`);
  });

  it("the audit log shows each right that is granted, and none that is not", async () => {
    assert.deepEqual(complaintsAbout(await auditFindings(plane.auditLog), true), []);
  });
});

function ended(watched: Watched, name: string): Promise<void> {
  return watched.until(`${name} ended`, () => watched.requests.some(({ object }) => object.metadata.name === name && object.status?.completedAt !== undefined));
}

/** Each kind's first object is made, and nobody hears of it. */
function losingFirstAnswers(): (client: KubeClient) => KubeClient {
  const lost = new Set(["SelfSubjectAccessReview", "Event"]);
  return (client) =>
    intercept(client, async ({ verb, kind }, send) => {
      const answer = await send();
      if (verb !== "create" || lost.has(kind)) return answer;
      lost.add(kind);
      throw new KubeError("UnknownOutcome", "the answer was lost");
    });
}

/** As if an earlier attempt of this remediation had been put aside. */
async function fencedExecutionOf(rr: RemediationRequest, { client, namespace }: TestCluster): Promise<void> {
  const { apiVersion, kind } = rr;
  const { name, uid } = rr.metadata;
  const workflowRef = { workflowId: "restart", workflowName: "restart", actionType: "RestartWorkload", version: "1.0.0", executionBundle: "example.com/restart:1.0.0", executionEngine: "job" } as const;
  const execution = await client.create(kinds.WorkflowExecution, {
    apiVersion,
    kind: "WorkflowExecution",
    metadata: { namespace, name: workflowExecutionName(name), ownerReferences: [{ apiVersion, kind, name, uid, controller: true }] },
    spec: { remediationRequestRef: { apiVersion, kind, name, namespace, uid }, targetResource: `${namespace}/Deployment/checkout`, workflowRef },
  });
  await client.replaceStatus(kinds.WorkflowExecution, { ...execution, status: failedStatus(execution, { reason: "Deduplicated", message: "put aside", acted: false }, Date.now()) });
}
