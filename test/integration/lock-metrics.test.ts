import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { App } from "../../src/app.ts";
import { embeddedApi, testCluster } from "../support/cluster.ts";
import { eventually } from "../support/eventually.ts";
import { noLockLeft } from "../support/leak-check.ts";
import { watchNamespace } from "../support/watched.ts";

/** The sum of a metric over its labels, as /metrics shows it. */
async function valueOf(app: App, name: string): Promise<number> {
  const text = await (await fetch(`${app.httpUrl}/metrics`)).text();
  return [...text.matchAll(new RegExp(`^${name}(?:\\{[^}]*\\})? (\\S+)$`, "gm"))].reduce((sum, [, value]) => sum + Number(value), 0);
}

describe("what the locks count in a running replica", () => {
  it("an API server that refuses Leases counts as failures to acquire, and nothing is started (BR-ORCH-050)", async () => {
    await using api = await embeddedApi();
    await using cluster = await testCluster(api);
    await cluster.workflow("restart");
    const app = await cluster.startReplica("replica-0");
    await using watched = await watchNamespace(cluster.client, cluster.namespace);
    assert.equal(await valueOf(app, "ro_lock_acquisition_failures_total"), 0);
    const heal = api.faults.add({ match: { verbs: ["create"], kind: "Lease" }, action: { kind: "answer", status: 503 } });
    await cluster.alert("rr-a");
    await eventually("two failures are counted", async () => (await valueOf(app, "ro_lock_acquisition_failures_total")) >= 2);
    assert.equal(watched.executions.length, 0);
    heal();
    const rr = await watched.phase("rr-a", "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    await noLockLeft(cluster);
  });

  it("a claim that was got and given back counts with how long it was waited for and held", async () => {
    await using api = await embeddedApi();
    await using cluster = await testCluster(api);
    await cluster.workflow("restart", undefined, { runMs: 300, exitCode: 0 });
    const app = await cluster.startReplica("replica-0");
    await using watched = await watchNamespace(cluster.client, cluster.namespace);
    await cluster.alert("rr-a");
    await watched.phase("rr-a", "Completed");
    for (const name of ["ro_lock_acquisitions_total", "ro_lock_released_total", "ro_lock_wait_seconds_count", "ro_lock_hold_seconds_count"]) assert.equal(await valueOf(app, name), 1, name);
    assert.ok((await valueOf(app, "ro_lock_hold_seconds_sum")) >= 0.3, "it was held while its workflow ran");
  });
});
