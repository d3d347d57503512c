import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KindInfo } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { neighbours, type Neighbours } from "../../support/neighbours.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";

interface World {
  readonly cluster: TestCluster;
  readonly watched: Watched;
  readonly others: Neighbours;
}

const OF_A_REMEDIATION: readonly KindInfo[] = [kinds.RemediationRequest, kinds.SignalProcessing, kinds.AIAnalysis, kinds.WorkflowExecution, kinds.EffectivenessAssessment, kinds.NotificationRequest, kinds.Job];

/** With `--workers none` somebody else's controllers do the work, and take away nothing that only ours would. */
export function neighboursSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await cluster.startReplica("replica-0", { flags: { workers: "none" } });
      await cluster.alert("rr-a");
      await tell({ cluster, watched, others: neighbours(cluster) });
    });

  describe(`with --workers none (${name})`, () => {
    story("the neighbours' work is followed to the end, and a deletion then takes everything along", async ({ cluster, watched, others }) => {
      await launched(others);
      await others.completed("rr-a");
      await watched.phase("rr-a", "Verifying");
      await others.assessed("rr-a");
      const rr = await watched.phase("rr-a", "Completed");
      assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
      await noLockLeft(cluster);
      assert.deepEqual(await finalizers(cluster), []);
      await deleted(cluster);
      await nothingLeft(cluster);
    });

    story("a deletion while another executor runs the workflow takes everything along", async ({ cluster, others }) => {
      await launched(others);
      assert.deepEqual(await finalizers(cluster), []);
      await deleted(cluster);
      await nothingLeft(cluster);
    });

    story("a deletion before anybody has done anything takes everything along", async ({ cluster, watched }) => {
      await watched.phase("rr-a", "Processing");
      assert.deepEqual(await finalizers(cluster), []);
      await deleted(cluster);
      await nothingLeft(cluster);
    });
  });
}

/** Up to another executor that runs the workflow. */
async function launched(others: Neighbours): Promise<void> {
  await others.processed("rr-a");
  await others.analysed("rr-a");
  await others.running("rr-a");
}

async function deleted({ client, namespace }: TestCluster): Promise<void> {
  const rr = await client.get(kinds.RemediationRequest, { namespace, name: "rr-a" });
  assert.ok(rr);
  await client.delete(kinds.RemediationRequest, { namespace, name: "rr-a" }, { uid: rr.metadata.uid });
}

async function nothingLeft(cluster: TestCluster): Promise<void> {
  for (const kind of OF_A_REMEDIATION) await eventually(`no ${kind.kind} is left`, async () => (await cluster.client.list(kind, { namespace: cluster.namespace })).items.length === 0);
  await noLockLeft(cluster);
}

/** What holds back a deletion of any object of the remediation. */
async function finalizers({ client, namespace }: TestCluster): Promise<readonly string[]> {
  const lists = await Promise.all(OF_A_REMEDIATION.map((kind) => client.list(kind, { namespace })));
  return lists.flatMap(({ items }) => items).flatMap(({ metadata }) => metadata.finalizers ?? []);
}
