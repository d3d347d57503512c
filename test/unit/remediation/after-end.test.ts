import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { done, waitFor } from "../../../src/controller/ports.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createAfterEnd } from "../../../src/remediation/after-end.ts";
import { createChildren } from "../../../src/remediation/children.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { seconds } from "../../../src/remediation/status.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const clock = new FakeClock();
const context = { signal: AbortSignal.timeout(10_000), log: silentLogger };

async function ended(kube: FakeKube, expiresInMs: number): Promise<RemediationRequest> {
  const created = await kube.create(kinds.RemediationRequest, remediationRequest("a"));
  return kube.replaceStatus(kinds.RemediationRequest, { ...created, status: { overallPhase: "Completed", retentionExpiryTime: seconds(clock.now() + expiresInMs) } });
}

function setUp() {
  const kube = new FakeKube(() => clock.now());
  const notifications = { get: () => undefined, list: () => [], byIndex: () => [], synced: true };
  return { kube, afterEnd: createAfterEnd({ client: kube, children: createChildren(kube), notifications, clock, settings: defaultSettings }) };
}

const isThere = async (kube: FakeKube): Promise<boolean> => (await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" })) !== undefined;

describe("a remediation that has ended", () => {
  it("is kept until its time is up", async () => {
    const { kube, afterEnd } = setUp();
    assert.deepEqual(await afterEnd(await ended(kube, 5000), context), waitFor(5000));
    assert.ok(await isThere(kube));
  });

  it("goes when its time is up", async () => {
    const { kube, afterEnd } = setUp();
    assert.deepEqual(await afterEnd(await ended(kube, -1000), context), done);
    assert.ok(!(await isThere(kube)));
  });

  it("stays while its execution has not ended, whatever its time", async () => {
    const { kube, afterEnd } = setUp();
    const rr = await ended(kube, -1000);
    const { metadata, ...execution } = workflowExecution("a");
    const created = await kube.create(kinds.WorkflowExecution, { ...execution, metadata: { name: metadata.name, namespace: NAMESPACE, ownerReferences: (metadata.ownerReferences ?? []).map((owner) => ({ ...owner, uid: rr.metadata.uid })) } });
    assert.deepEqual(await afterEnd(rr, context), waitFor(defaultSettings.safetyPollMs));
    assert.ok(await isThere(kube));
    await kube.replaceStatus(kinds.WorkflowExecution, { ...created, status: { phase: "Completed" } });
    assert.deepEqual(await afterEnd(rr, context), done);
    assert.ok(!(await isThere(kube)));
  });

  it("goes at the very version that was judged: one that somebody gave more time stays", async () => {
    const { kube, afterEnd } = setUp();
    const rr = await ended(kube, -1000);
    await kube.replaceStatus(kinds.RemediationRequest, { ...rr, status: { ...rr.status, retentionExpiryTime: seconds(clock.now() + 5000) } });
    assert.deepEqual(await afterEnd(rr, context), done);
    assert.ok(await isThere(kube));
  });

  it("stays for good without an expiry: what another orchestrator ended is its own", async () => {
    const { kube, afterEnd } = setUp();
    const { retentionExpiryTime: _expiry, ...status } = (await ended(kube, -1000)).status ?? {};
    const rr = await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" });
    assert.ok(rr);
    assert.deepEqual(await afterEnd(await kube.replaceStatus(kinds.RemediationRequest, { ...rr, status }), context), done);
    assert.ok(await isThere(kube));
  });
});
