import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest, RemediationRequestSpec, RemediationRequestStatus } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { leaseName } from "../../../src/locking/lease-name.ts";
import type { RemediationSettings } from "../../../src/remediation/settings.ts";
import { completedAnalysis, NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube, readsOf } from "../../support/fake-kube.ts";
import { lookAt } from "../../support/look.ts";

const TARGET = "shop/Deployment/checkout";
const MINUTE_MS = 60_000;

/** A RemediationRequest as it is stored, with a finished analysis if wanted, and how to look at it. */
async function stage(status: RemediationRequestStatus, options: { readonly spec?: Partial<RemediationRequestSpec>; readonly analysis?: "finished" | "under way"; readonly settings?: Partial<RemediationSettings>; readonly kube?: FakeKube } = {}) {
  const clock = new FakeClock();
  const kube = options.kube ?? new FakeKube(() => clock.now());
  const { metadata, ...rest } = remediationRequest("a", undefined, options.spec ? { spec: options.spec } : {});
  const rr = await kube.create(kinds.RemediationRequest, { ...rest, metadata: { name: metadata.name, namespace: NAMESPACE } });
  await kube.replaceStatus(kinds.RemediationRequest, { ...rr, status });
  await analysis(kube, rr, options.analysis ?? "finished");
  const look = async (): Promise<RemediationRequest> => {
    await lookAt("a", kube, clock, options.settings);
    const now = await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" });
    assert.ok(now);
    return now;
  };
  return { clock, kube, look };
}

async function analysis(kube: FakeKube, rr: RemediationRequest, how: "finished" | "under way"): Promise<void> {
  const { metadata, status, ...rest } = completedAnalysis("a");
  const ownerReferences = metadata.ownerReferences?.map((owner) => ({ ...owner, uid: rr.metadata.uid })) ?? [];
  const stored = await kube.create(kinds.AIAnalysis, { ...rest, metadata: { name: metadata.name, namespace: NAMESPACE, ownerReferences } });
  await kube.replaceStatus(kinds.AIAnalysis, { ...stored, ...(status && how === "finished" ? { status } : {}) });
}

const at = (clock: FakeClock): string => `${new Date(clock.now()).toISOString().slice(0, 19)}Z`;
const analyzing: RemediationRequestStatus = { overallPhase: "Analyzing", phaseProgress: { analyzingStartTime: "2026-01-01T00:00:00Z" } };

describe("a remediation whose target is in another cluster", () => {
  it("is left to people where our executor runs workflows: it would act on what has the same name here", async () => {
    const { kube, look } = await stage(analyzing, { spec: { clusterID: "prod-eu" } });
    const { status } = await look();
    assert.deepEqual([status?.overallPhase, status?.completionStatus?.outcome, status?.completionStatus?.requiresManualReview], ["Completed", "ManualReviewRequired", true]);
    assert.match(status?.message ?? "", /prod-eu/);
    assert.deepEqual((await kube.list(kinds.WorkflowExecution)).items, []);
  });

  it("is launched where somebody else's executor runs them", async () => {
    const { kube, look } = await stage(analyzing, { spec: { clusterID: "prod-eu" }, settings: { ourExecutor: false } });
    assert.equal((await look()).status?.overallPhase, "Executing");
    assert.equal((await kube.list(kinds.WorkflowExecution)).items[0]?.spec.clusterID, "prod-eu");
  });
});

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

describe("the limits of phases", () => {
  it("do not count while somebody else holds the target's lock (Z27)", async () => {
    const { kube, clock, look } = await stage(analyzing);
    await kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: leaseName(TARGET), namespace: NAMESPACE }, spec: { holderIdentity: `rr/${NAMESPACE}/b/uid-b` } });
    await clock.advance(60 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "Analyzing");
  });

  it("end an analysis that does not come to its end", async () => {
    const { clock, look } = await stage(analyzing, { analysis: "under way" });
    await clock.advance(9 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "Analyzing");
    await clock.advance(2 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });

  it("are those that an operator has set on the remediation, for its workflow too", async () => {
    const { kube, look } = await stage({ ...analyzing, timeoutConfig: { executing: "2h0m0s" } });
    await look();
    assert.equal((await kube.list(kinds.WorkflowExecution)).items[0]?.spec.timesOutAt, "2026-01-01T02:00:00.000Z");
  });

  it("leave the end of a workflow to the executor first, which knows whether it had finished", async () => {
    const { clock, look } = await stage(analyzing);
    await look();
    await clock.advance(30 * MINUTE_MS + 30_000);
    assert.equal((await look()).status?.overallPhase, "Executing");
    await clock.advance(MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });

  it("make a remediation TimedOut whose workflow was stopped at its limit", async () => {
    const { kube, look } = await stage(analyzing);
    await look();
    const [execution] = (await kube.list(kinds.WorkflowExecution)).items;
    assert.ok(execution);
    const failureDetails = { failedTaskIndex: 0, failedTaskName: "x", reason: "DeadlineExceeded", message: "too long", failedAt: "", naturalLanguageSummary: "" } as const;
    await kube.replaceStatus(kinds.WorkflowExecution, { ...execution, status: { phase: "Failed", failureDetails } });
    const { status } = await look();
    assert.deepEqual([status?.overallPhase, status?.completionStatus?.timeoutPhase], ["TimedOut", "Executing"]);
  });

  it("give a verification that has no deadline one, and end it then", async () => {
    const { clock, look } = await stage({ overallPhase: "Verifying" });
    assert.equal((await look()).status?.phaseProgress?.verificationDeadline, "2026-01-01T00:30:00Z");
    await clock.advance(31 * MINUTE_MS);
    assert.equal((await look()).status?.completionStatus?.outcome, "VerificationTimedOut");
  });

  it("end an approval that nobody gives", async () => {
    const condition = { type: "ApprovalPending", status: "True", reason: "x", message: "", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
    const { clock, look } = await stage({ overallPhase: "AwaitingApproval", conditions: [condition] });
    await clock.advance(14 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "AwaitingApproval");
    await clock.advance(2 * MINUTE_MS);
    assert.equal((await look()).status?.overallPhase, "TimedOut");
  });
});

describe("an execution that began before it was named", () => {
  /** One of this remediation's own, as an executor that is not ours has left it. */
  async function begun(kube: FakeKube, status: WorkflowExecutionStatus): Promise<WorkflowExecution> {
    const { uid = "" } = (await kube.get(kinds.RemediationRequest, { namespace: NAMESPACE, name: "a" }))?.metadata ?? {};
    const draft = workflowExecution("a");
    const ownerReferences = draft.metadata.ownerReferences?.map((owner) => ({ ...owner, uid })) ?? [];
    const born = await kube.create(kinds.WorkflowExecution, { ...draft, metadata: { name: "we-a", namespace: NAMESPACE, ownerReferences } });
    return kube.replaceStatus(kinds.WorkflowExecution, { ...born, status });
  }

  it("is named all the same, and followed to its end", async () => {
    const { kube, look } = await stage(analyzing, { settings: { ourExecutor: false } });
    const execution = await begun(kube, { phase: "Running" });
    const { status } = await look();
    assert.deepEqual([status?.overallPhase, status?.phaseProgress?.workflowExecutionRef?.uid], ["Executing", execution.metadata.uid]);
    await kube.replaceStatus(kinds.WorkflowExecution, { ...execution, status: { phase: "Completed" } });
    assert.equal((await look()).status?.overallPhase, "Verifying");
    assert.deepEqual((await kube.list(kinds.Lease)).items, []);
  });

  it("ends its remediation where it had failed by then", async () => {
    const { kube, look } = await stage(analyzing, { settings: { ourExecutor: false } });
    await begun(kube, { phase: "Failed", failureReason: "no such pipeline" });
    const { status } = await look();
    assert.deepEqual([status?.overallPhase, status?.completionStatus?.failurePhase], ["Failed", "WorkflowExecution"]);
  });
});

describe("an execution that was fenced", () => {
  it("leaves the claim to the reaper: its owner may be launching the next one under it by now (Z83)", async () => {
    const { kube, look } = await stage(analyzing);
    await look();
    const [execution] = (await kube.list(kinds.WorkflowExecution)).items;
    assert.ok(execution);
    const failureDetails = { failedTaskIndex: 0, failedTaskName: "x", reason: "Deduplicated", message: "", failedAt: "", naturalLanguageSummary: "" } as const;
    await kube.replaceStatus(kinds.WorkflowExecution, { ...execution, status: { phase: "Failed", deduplicatedBy: "we-b", failureDetails } });
    const claims = async (): Promise<readonly string[]> => (await kube.list(kinds.Lease)).items.map(({ metadata }) => metadata.uid);
    const claimed = await claims();
    assert.equal(claimed.length, 1);
    assert.equal((await look()).status?.overallPhase, "Analyzing", "it goes on to its next one");
    assert.deepEqual(await claims(), claimed);
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

describe("what the API server takes no such object of", () => {
  it("ends the remediation with its words, instead of being sent for ever", async () => {
    const kube = new FakeKube();
    const create = kube.create.bind(kube);
    kube.create = (kind, draft) => (kind.kind === "WorkflowExecution" ? Promise.reject(new KubeError("Invalid", "spec.parameters: not like that", { status: 422 })) : create(kind, draft));
    const { look } = await stage(analyzing, { kube });
    const { status } = await look();
    assert.equal(status?.overallPhase, "Failed");
    assert.match(status.message ?? "", /not like that/);
    assert.deepEqual((await kube.list(kinds.Lease)).items, []);
  });

  it("fails the look where it is the status itself: whoever looks again later may find other rules (Z81)", async () => {
    const kube = new FakeKube();
    const replaceStatus = kube.replaceStatus.bind(kube);
    const { look } = await stage(analyzing, { kube });
    kube.replaceStatus = (kind, object) => (kind.kind === "RemediationRequest" ? Promise.reject(new KubeError("Invalid", "status: not like that", { status: 422 })) : replaceStatus(kind, object));
    await assert.rejects(look(), { reason: "Invalid" });
    kube.replaceStatus = replaceStatus;
    assert.equal((await look()).status?.overallPhase, "Executing");
  });
});

describe("a dry run", () => {
  it("runs nothing, and asks for a human where no workflow was chosen", async () => {
    const { kube, look } = await stage(analyzing, { settings: { dryRun: true } });
    assert.equal((await look()).status?.completionStatus?.outcome, "DryRun");
    assert.deepEqual((await kube.list(kinds.WorkflowExecution)).items, []);
    const none = await stage(analyzing, { settings: { dryRun: true } });
    const [chosen] = (await none.kube.list(kinds.AIAnalysis)).items;
    assert.ok(chosen);
    await none.kube.replaceStatus(kinds.AIAnalysis, { ...chosen, status: { phase: "Completed", reason: "NoWorkflowSelected" } });
    assert.equal((await none.look()).status?.completionStatus?.outcome, "ManualReviewRequired");
  });
});
