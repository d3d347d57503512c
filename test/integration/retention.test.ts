import assert from "node:assert/strict";
import { it } from "node:test";
import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import { defaultSettings } from "../../src/remediation/settings.ts";
import { embeddedApi, testCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { noLockLeft } from "../support/leak-check.ts";
import { watchNamespace } from "../support/watched.ts";

const CHILDREN: readonly KindInfo[] = [kinds.SignalProcessing, kinds.AIAnalysis, kinds.WorkflowExecution, kinds.EffectivenessAssessment, kinds.Job, kinds.Pod];

it("a remediation whose retention is over goes, and everything of it goes along", async () => {
  await using api = await embeddedApi();
  await using cluster = await testCluster(api);
  await cluster.workflow("restart");
  await cluster.startReplica("replica-0", { config: { remediation: { ...defaultSettings, retentionMs: 1000 } } });
  await using watched = await watchNamespace(cluster.client, cluster.namespace);
  await cluster.alert("rr-a");
  const rr = await watched.phase("rr-a", "Completed");
  assert.equal(Date.parse(rr.status?.retentionExpiryTime ?? "") - Date.parse(rr.status?.completedAt ?? ""), 1000);
  await watched.until("it is gone", () => watched.requests.some(({ type }) => type === "DELETED"));
  for (const kind of CHILDREN) await eventually(`no ${kind.kind} is left`, async () => (await cluster.client.list(kind, { namespace: cluster.namespace })).items.length === 0);
  await noLockLeft(cluster);
});
