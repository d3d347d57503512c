import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createAfterEnd } from "../../../src/remediation/after-end.ts";
import { createChildren } from "../../../src/remediation/children.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const HOUR_MS = 3_600_000;
const KEY = { namespace: NAMESPACE, name: "a" };

async function ended(execution?: WorkflowExecutionStatus, status: RemediationRequestStatus = {}) {
  const clock = new FakeClock();
  const kube = new FakeKube(() => clock.now());
  const retentionExpiryTime = new Date(clock.now() + HOUR_MS).toISOString().replace(/\.\d+/, "");
  const created = await kube.create(kinds.RemediationRequest, remediationRequest("a"));
  const rr = await kube.replaceStatus(kinds.RemediationRequest, { ...created, status: { overallPhase: "Completed", completionStatus: { outcome: "Remediated" }, retentionExpiryTime, ...status } });
  if (execution) {
    const { metadata, ...draft } = workflowExecution("a");
    const owner = { apiVersion: rr.apiVersion, kind: rr.kind, name: "a", uid: rr.metadata.uid, controller: true };
    const made = await kube.create(kinds.WorkflowExecution, { ...draft, metadata: { namespace: NAMESPACE, name: metadata.name, ownerReferences: [owner] } });
    await kube.replaceStatus(kinds.WorkflowExecution, { ...made, status: execution });
  }
  const notifications = { get: () => undefined, list: () => [], byIndex: () => [], synced: true };
  const afterEnd = createAfterEnd({ client: kube, children: createChildren(kube), notifications, clock, settings: defaultSettings });
  const look = (seen: RemediationRequest = rr) => afterEnd(seen, { signal: new AbortController().signal, log: silentLogger });
  return { clock, kube, rr, look, there: async () => (await kube.get(kinds.RemediationRequest, KEY)) !== undefined };
}

describe("the retention of what has ended", () => {
  it("waits for exactly the time that is left", async () => {
    const { clock, look, there } = await ended();
    await clock.advance(HOUR_MS / 2);
    assert.deepEqual(await look(), { kind: "wait", afterMs: HOUR_MS / 2 });
    assert.equal(await there(), true);
  });

  it("deletes it when its time is up", async () => {
    const { clock, look, there } = await ended({ phase: "Completed" });
    await clock.advance(HOUR_MS);
    assert.deepEqual(await look(), { kind: "done" });
    assert.equal(await there(), false);
  });

  it("never deletes it while its execution is not finished, and looks again", async () => {
    const { clock, look, there } = await ended({ phase: "Running" });
    await clock.advance(HOUR_MS);
    assert.deepEqual(await look(), { kind: "wait", afterMs: defaultSettings.safetyPollMs });
    assert.equal(await there(), true);
  });

  it("deletes the very version that it judged: one that somebody gave more time stays", async () => {
    const { clock, kube, rr, look, there } = await ended();
    await clock.advance(HOUR_MS);
    await kube.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, retentionExpiryTime: "2030-01-01T00:00:00Z" } });
    assert.deepEqual(await look(rr), { kind: "done" });
    assert.equal(await there(), true);
  });

  it("keeps what has no expiry: what another orchestrator ended is its own", async () => {
    const { clock, look, there } = await ended(undefined, { retentionExpiryTime: "" });
    await clock.advance(100 * HOUR_MS);
    assert.deepEqual(await look(), { kind: "done" });
    assert.equal(await there(), true);
  });
});
