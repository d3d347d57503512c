import assert from "node:assert/strict";
import { test } from "node:test";
import { testCluster } from "../../support/cluster.ts";
import { watchNamespace } from "../../support/watched.ts";
import { realApi } from "../test-api.ts";

// The API server runs with the admission plugin OwnerReferencesPermissionEnforcement: every other suite shows that the
// shipped rights are enough for it; this one that without `*/finalizers` they would not be.

for (const [owner, child] of [["remediationrequests", "SignalProcessing"], ["workflowexecutions", "Job"]] as const) {
  test(`without update ${owner}/finalizers no ${child} is made, and the replica says so`, async () => {
    await using api = await realApi();
    await using cluster = await testCluster(api);
    await using watched = await watchNamespace(cluster.client, cluster.namespace);
    await cluster.workflow("restart");
    const app = await cluster.startReplica("replica-0");
    const right = `update ${owner}.kubernaut.ai/finalizers`;
    const giveBack = await api.withdraw(cluster.namespace, right);
    await cluster.alert("rr-a");
    while (!(await (await fetch(`${app.httpUrl}/readyz`)).text()).includes(`may not ${right}`)) await new Promise((resolve) => setTimeout(resolve, 20));
    assert.equal(cluster.ledger().length, 0);
    await giveBack();
    await watched.until("rr-a ended", () => watched.latest().some(({ status }) => status?.completionStatus?.outcome === "Remediated"));
  });
}
