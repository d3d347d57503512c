import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { NAMESPACE, workflowExecution } from "../../support/builders.ts";
import { FakeKube } from "../../support/fake-kube.ts";
import { analyzing, stage } from "./stage.ts";

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
