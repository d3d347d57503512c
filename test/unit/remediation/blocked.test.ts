import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { leaseName } from "../../../src/locking/lease-name.ts";
import { NAMESPACE, workflowExecution } from "../../support/builders.ts";
import { FakeKube, readsOf } from "../../support/fake-kube.ts";
import { lookAt } from "../../support/look.ts";
import { analyzing, at, MINUTE_MS, stage, TARGET } from "./stage.ts";

describe("a Lease on the target that can not be read", () => {
  it("blocks quietly: however often it is looked at, nothing is written more than once", async () => {
    const { kube, clock, look } = await stage(analyzing);
    await kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: leaseName(TARGET), namespace: NAMESPACE }, spec: { holderIdentity: "somebody" } });
    const blocked = await look();
    assert.deepEqual([blocked.status?.overallPhase, blocked.status?.routingStatus?.blockReason], ["Blocked", "ResourceBusy"]);
    for (let times = 0; times < 20; times++) {
      await clock.advance(30_000);
      assert.equal((await look()).metadata.resourceVersion, blocked.metadata.resourceVersion);
    }
  });

  it("lets go on once it is gone", async () => {
    const { kube, look } = await stage(analyzing);
    const lease = await kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: leaseName(TARGET), namespace: NAMESPACE }, spec: { holderIdentity: "somebody" } });
    await look();
    await kube.delete(kinds.Lease, { namespace: NAMESPACE, name: lease.metadata.name }, { uid: lease.metadata.uid });
    assert.equal((await look()).status?.overallPhase, "Executing");
  });
});

describe("a Blocked remediation", () => {
  const blocked = { overallPhase: "Blocked", phaseProgress: { aiAnalysisRef: { name: "ai-a" } }, routingStatus: { blockReason: "ResourceBusy", blockedPhase: "Analyzing" } } as const;

  it("is judged as the cache shows it, without a read of its own", async () => {
    const { kube, clock } = await stage({ ...blocked, routingStatus: { ...blocked.routingStatus, blockingWorkflowExecution: "we-b" } });
    await kube.create(kinds.WorkflowExecution, workflowExecution("b"));
    const reads = readsOf(kube);
    await lookAt("a", kube, clock);
    assert.deepEqual(reads, ["WorkflowExecution"]);
  });

  it("goes on when the cache shows that what it waits for has ended since, without asking for it", async () => {
    const { kube, clock } = await stage({ ...blocked, routingStatus: { ...blocked.routingStatus, blockingWorkflowExecution: "we-b" } });
    const running = await kube.create(kinds.WorkflowExecution, workflowExecution("b"));
    await kube.replaceStatus(kinds.WorkflowExecution, { ...running, status: { phase: "Failed" } });
    const reads = readsOf(kube);
    await lookAt("a", kube, clock);
    assert.deepEqual(reads, ["WorkflowExecution"], "its own, once that is there");
    assert.notEqual((await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" }))?.status?.overallPhase, "Blocked");
  });

  it("is not let go by an end from before the block: that was an earlier execution of the name (Z75)", async () => {
    const kube = new FakeKube();
    const earlier = await kube.create(kinds.WorkflowExecution, workflowExecution("b"));
    const ended = await kube.replaceStatus(kinds.WorkflowExecution, { ...earlier, status: { phase: "Failed" } });
    await kube.delete(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-b" }, { uid: ended.metadata.uid });
    await kube.create(kinds.WorkflowExecution, workflowExecution("b"));
    const { clock, look } = await stage({ ...blocked, routingStatus: { ...blocked.routingStatus, blockingWorkflowExecution: "we-b" } }, { kube });
    await lookAt("a", kube, clock, {}, { workflowExecutions: [ended] });
    assert.equal((await look()).status?.overallPhase, "Blocked");
  });

  it("is not let go because the cache does not show the end of the analysis that chose its workflow (Z76)", async () => {
    const { kube, clock, look } = await stage({ ...blocked, routingStatus: { ...blocked.routingStatus, blockingWorkflowExecution: "we-b" } });
    await kube.create(kinds.WorkflowExecution, workflowExecution("b"));
    const finished = await kube.get(kinds.AIAnalysis, { namespace: NAMESPACE, name: "ai-a" });
    assert.ok(finished);
    const { status: _status, ...underWay } = finished;
    const before = await look();
    await lookAt("a", kube, clock, {}, { aiAnalyses: [underWay] });
    assert.deepEqual(await look(), before, "nothing was written");
  });

  it("names the execution that was fenced before it could run, and only then is that one deleted and another created (Z74)", async () => {
    const { kube, look } = await stage(analyzing);
    const rr = await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" });
    const draft = workflowExecution("a");
    const mine = draft.metadata.ownerReferences?.map((owner) => ({ ...owner, uid: rr?.metadata.uid ?? "" })) ?? [];
    const born = await kube.create(kinds.WorkflowExecution, { ...draft, metadata: { name: "we-a", namespace: NAMESPACE, ownerReferences: mine } });
    const failureDetails = { failedTaskIndex: 0, failedTaskName: "x", reason: "Deduplicated", message: "", failedAt: "", naturalLanguageSummary: "" } as const;
    await kube.replaceStatus(kinds.WorkflowExecution, { ...born, status: { phase: "Failed", deduplicatedBy: "we-b", failureDetails } });
    const written: string[] = [];
    const remove = kube.delete.bind(kube);
    const replaceStatus = kube.replaceStatus.bind(kube);
    Object.assign(kube, {
      delete: (...[kind, ...rest]: Parameters<typeof remove>) => (kind.kind === "WorkflowExecution" && written.push("deleted"), remove(kind, ...rest)),
      replaceStatus: (...[kind, object]: Parameters<typeof replaceStatus<RemediationRequest>>) => (written.push(`${object.status?.overallPhase} by ${object.status?.phaseProgress?.workflowExecutionRef?.uid}`), replaceStatus(kind, object)),
    });
    await look();
    assert.deepEqual(written, [`Blocked by ${born.metadata.uid}`, `Analyzing by ${born.metadata.uid}`, "deleted"]);
    assert.equal(await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" }), undefined);
    assert.equal((await look()).status?.overallPhase, "Executing");
    assert.notEqual((await kube.get(kinds.WorkflowExecution, { namespace: NAMESPACE, name: "we-a" }))?.metadata.uid, born.metadata.uid);
  });

  it("is read live once a step at the version in the cache was refused, however long the cache stays behind", async () => {
    const { kube, clock } = await stage(blocked);
    const key = { namespace: NAMESPACE, name: "a" };
    const old = await kube.get(kinds.RemediationRequest, key);
    assert.ok(old);
    await kube.replaceStatus(kinds.RemediationRequest, { ...old, status: { ...blocked, message: "somebody has looked at it" } });
    await lookAt("a", kube, clock, {}, { remediationRequests: [old] });
    assert.equal((await kube.get(kinds.RemediationRequest, key))?.status?.overallPhase, "Executing");
  });
});

describe("a block that another orchestrator made", () => {
  it("stays where its rule is not known here: going on could be what it is there to prevent", async () => {
    const { clock, look } = await stage({ overallPhase: "Blocked", routingStatus: { blockReason: "UnmanagedResource" } });
    await clock.advance(60 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "Blocked");
  });

  it("is evaluated anew when its time is up", async () => {
    const { clock, look } = await stage({ overallPhase: "Blocked", routingStatus: { blockReason: "RecentlyRemediated", blockedUntil: "2026-01-01T00:05:00Z", blockedPhase: "Analyzing" } });
    assert.equal((await look()).status?.overallPhase, "Blocked");
    await clock.advance(5 * MINUTE_MS);
    const { status } = await look();
    assert.equal(status?.overallPhase, "Executing", at(clock));
    assert.equal(status.routingStatus, undefined);
  });
});
