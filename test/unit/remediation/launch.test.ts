import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FENCE_ANNOTATION, WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution, WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createClaims } from "../../../src/locking/claims.ts";
import { noLockMetrics } from "../../../src/locking/metrics.ts";
import { createChildren } from "../../../src/remediation/children.ts";
import { createLaunchWorkflow, type LaunchPlan } from "../../../src/remediation/launch-workflow.ts";
import { createBusyCheck } from "../../../src/remediation/routing/busy-check.ts";
import { createRoutingEngine } from "../../../src/remediation/routing/engine.ts";
import type { Check } from "../../../src/remediation/routing/ports.ts";
import { defaultSettings } from "../../../src/remediation/settings.ts";
import { NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";
import { FakeKube, justBefore } from "../../support/fake-kube.ts";

const plan: LaunchPlan = { target: { resource: "shop/Deployment/checkout" }, workflow: { ...workflowExecution("a").spec.workflowRef, confidence: 0.9, rationale: "fits" } };
const fenced: WorkflowExecutionStatus = { phase: "Failed", failureDetails: { failedTaskIndex: 0, failedTaskName: "x", reason: "Deduplicated", message: "", failedAt: "", naturalLanguageSummary: "" } };
const key = (name: string) => ({ namespace: NAMESPACE, name });

function setUp(options: { readonly checks?: readonly Check[]; readonly onTarget?: readonly WorkflowExecution[]; readonly kube?: FakeKube; readonly ourExecutor?: boolean; readonly missing?: string } = {}) {
  const clock = new FakeClock();
  const kube = options.kube ?? new FakeKube(() => clock.now());
  const claims = createClaims({ client: kube, namespace: NAMESPACE, identity: "replica-0", clock, metrics: noLockMetrics, log: silentLogger });
  for (const execution of options.onTarget ?? []) kube.put(execution);
  const checks = options.checks ?? [createBusyCheck(kube, () => options.onTarget ?? [])];
  const routing = createRoutingEngine({ reader: kube, claims, checks, contentionRetryMs: 100, random: () => 0.5 });
  const launch = createLaunchWorkflow({ client: kube, routing, children: createChildren(kube), clock, settings: { ...defaultSettings, ourExecutor: options.ourExecutor ?? true }, rights: { missing: () => options.missing } });
  const leases = async () => (await kube.list(kinds.Lease)).items;
  return { kube, claims, launch, leases, run: (rr: RemediationRequest) => launch(rr, plan, {}) };
}

/** Puts the WorkflowExecution of `owner` there as somebody made it before, and gives it a status. */
async function existing(kube: FakeKube, owner: string, status?: WorkflowExecutionStatus, ownerUid = `uid-${owner}`): Promise<WorkflowExecution> {
  const draft = workflowExecution(owner);
  const { ownerReferences = [] } = draft.metadata;
  const created = await kube.create(kinds.WorkflowExecution, { ...draft, metadata: { name: draft.metadata.name, namespace: NAMESPACE, ownerReferences: ownerReferences.map((reference) => ({ ...reference, uid: ownerUid })) } });
  return status ? kube.replaceStatus(kinds.WorkflowExecution, { ...created, status }) : created;
}

describe("the single way to a WorkflowExecution", () => {
  it("claims the target, creates the execution inert, with its owner, fence and finalizer, and keeps the claim", async () => {
    const { kube, leases, run } = setUp();
    const launched = await run(remediationRequest("a"));
    assert.equal(launched.kind, "born");
    const [execution] = (await kube.list(kinds.WorkflowExecution)).items;
    const [claim] = await leases();
    assert.equal(execution?.status, undefined);
    assert.equal(execution?.metadata.ownerReferences?.[0]?.uid, "uid-a");
    assert.equal(execution?.metadata.annotations?.[FENCE_ANNOTATION], claim?.metadata.resourceVersion);
    assert.deepEqual(execution?.metadata.finalizers, [WORKFLOW_EXECUTION_FINALIZER]);
    assert.equal(claim?.spec?.holderIdentity, `rr/${NAMESPACE}/a/uid-a`);
  });

  it("begins nothing while a right is missing: not even a Lease is asked for", async () => {
    const { kube, leases, run } = setUp({ missing: "may not delete leases" });
    assert.deepEqual(await run(remediationRequest("a")), { kind: "hindered", because: "may not delete leases" });
    assert.deepEqual([await leases(), (await kube.list(kinds.WorkflowExecution)).items], [[], []]);
  });

  it("leaves no finalizer where somebody else's executor runs workflows", async () => {
    const { kube, run } = setUp({ ourExecutor: false });
    await run(remediationRequest("a"));
    assert.equal((await kube.list(kinds.WorkflowExecution)).items[0]?.metadata.finalizers, undefined);
  });

  it("adopts its own Pending execution instead of taking AlreadyExists for lost (Z15)", async () => {
    const { kube, run } = setUp();
    const before = await existing(kube, "a");
    const launched = await run(remediationRequest("a"));
    assert.equal(launched.kind === "born" && launched.execution.metadata.uid, before.metadata.uid);
  });

  it("never adopts a fenced one: once its owner has given it up it is deleted, and the claim given back (Z7)", async () => {
    const { kube, leases, run } = setUp();
    const { metadata } = await existing(kube, "a", fenced);
    const givenUp = remediationRequest("a", { overallPhase: "Analyzing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid: metadata.uid } } });
    assert.equal((await run(givenUp)).kind, "occupied");
    assert.deepEqual((await kube.list(kinds.WorkflowExecution)).items, []);
    assert.deepEqual(await leases(), []);
    assert.equal((await run(remediationRequest("a"))).kind, "born");
  });

  it("does not delete a fenced one before its owner has given it up: somebody who saw it Pending may name it yet (Z74)", async () => {
    for (const named of [undefined, { name: "we-a", uid: "uid-of-the-one-before" }]) {
      const { kube, leases, run } = setUp();
      const { metadata } = await existing(kube, "a", fenced);
      const launched = await run(remediationRequest("a", { overallPhase: "Analyzing", ...(named ? { phaseProgress: { workflowExecutionRef: named } } : {}) }));
      assert.equal(launched.kind === "fenced" && launched.execution.metadata.uid, metadata.uid);
      assert.equal((await kube.list(kinds.WorkflowExecution)).items.length, 1);
      assert.deepEqual(await leases(), [], "the claim is given back");
    }
  });

  it("deletes that very fenced one: the successor that another replica has made meanwhile stays (Z98)", async () => {
    const { kube, run } = setUp();
    const { metadata } = await existing(kube, "a", fenced);
    justBefore(kube, "delete", kinds.WorkflowExecution, async () => {
      await kube.delete(kinds.WorkflowExecution, key("we-a"), { uid: metadata.uid });
      await existing(kube, "a");
    });
    const givenUp = remediationRequest("a", { overallPhase: "Analyzing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid: metadata.uid } } });
    assert.deepEqual(await run(givenUp), { kind: "occupied" });
    const successor = await kube.get(kinds.WorkflowExecution, key("we-a"));
    assert.ok(successor);
    assert.notEqual(successor.metadata.uid, metadata.uid);
  });

  it("waits for one that is being deleted, fenced or not, to be gone", async () => {
    for (const status of [undefined, fenced]) {
      const { kube, run } = setUp();
      const { metadata, ...there } = await existing(kube, "a", status);
      kube.put({ ...there, metadata: { ...metadata, finalizers: [WORKFLOW_EXECUTION_FINALIZER], deletionTimestamp: "2026-01-01T00:00:00Z" } });
      assert.deepEqual(await run(remediationRequest("a")), { kind: "occupied" });
    }
  });

  it("hands on one that runs or has ended to be named: an executor that is not ours begins before anybody has named it (Z82)", async () => {
    for (const phase of ["Running", "Completed", "Failed"] as const) {
      const { kube, leases, run } = setUp();
      const { metadata } = await existing(kube, "a", { phase });
      const launched = await run(remediationRequest("a"));
      assert.equal(launched.kind === "born" && launched.execution.metadata.uid, metadata.uid);
      assert.equal((await leases()).length, 1, "the claim stays with it");
    }
  });

  it("does not touch an execution of an earlier owner of the same name (Z5)", async () => {
    const { kube, leases, run } = setUp();
    const other = await existing(kube, "a", undefined, "uid-of-the-first");
    assert.equal((await run(remediationRequest("a"))).kind, "occupied");
    assert.equal((await kube.get(kinds.WorkflowExecution, key("we-a")))?.metadata.uid, other.metadata.uid);
    assert.deepEqual(await leases(), [], "no execution came of the claim");
  });

  it("gives the claim back when the API server refuses the creation, and keeps it when nobody knows (BR-ORCH-050)", async () => {
    for (const [reason, kept] of [["Forbidden", 0], ["UnknownOutcome", 1], ["ServerError", 1]] as const) {
      const kube = new FakeKube();
      const create = kube.create.bind(kube);
      Object.assign(kube, { create: async (...[kind, draft]: Parameters<typeof create>) => (kind.kind === "WorkflowExecution" ? Promise.reject(new KubeError(reason, "no")) : create(kind, draft)) });
      const { run, leases } = setUp({ kube });
      await assert.rejects(run(remediationRequest("a")), { reason });
      assert.equal((await leases()).length, kept, reason);
    }
  });
});

describe("routing: the lock, and the checks inside it", () => {
  it("is ResourceBusy once the other holder has an execution, with the blocker named (BR-ORCH-025)", async () => {
    const { run, kube } = setUp();
    await run(remediationRequest("a"));
    const second = await run(remediationRequest("b"));
    assert.equal(second.kind === "blocked" && second.condition.reason === "ResourceBusy" && second.condition.blocker, "we-a");
    assert.equal((await kube.list(kinds.WorkflowExecution)).items.length, 1);
  });

  it("is contended, for 100 ms give or take a tenth, while the other holder has none, or its own has ended", async () => {
    const { run, claims, kube } = setUp();
    const held = await claims.acquire(plan.target, { namespace: NAMESPACE, name: "a", uid: "uid-a" });
    assert.equal(held.kind, "held");
    if (held.kind === "held") held.claim.keep();
    const contended = await run(remediationRequest("b"));
    assert.deepEqual(contended, { kind: "contended", by: `${NAMESPACE}/a`, retryAfterMs: 100 });
    await existing(kube, "a", { phase: "Completed" });
    assert.equal((await run(remediationRequest("b"))).kind, "contended");
  });

  it("is contended while another worker of this process holds the target", async () => {
    const { run, claims } = setUp();
    const held = await claims.acquire(plan.target, { namespace: NAMESPACE, name: "a", uid: "uid-a" });
    const contended = await run(remediationRequest("b"));
    assert.equal(contended.kind, "contended");
    if (held.kind === "held") await held.claim[Symbol.asyncDispose]();
    assert.equal((await run(remediationRequest("b"))).kind, "born");
  });

  it("blocks on an execution that somebody made without a claim, and gives the lock back (Z21)", async () => {
    const { run, leases } = setUp({ onTarget: [workflowExecution("stranger", { phase: "Running" })] });
    const blocked = await run(remediationRequest("b"));
    assert.equal(blocked.kind === "blocked" && blocked.condition.reason === "ResourceBusy" && blocked.condition.blocker, "we-stranger");
    assert.deepEqual(await leases(), []);
  });

  it("is not blocked by its own execution, nor by those that have ended (Z23)", async () => {
    const { run } = setUp({ onTarget: [workflowExecution("b"), workflowExecution("c", { phase: "Completed" })] });
    assert.equal((await run(remediationRequest("b"))).kind, "born");
  });

  it("is not blocked by one that has ended since its own cache saw it run", async () => {
    const kube = new FakeKube();
    const { run } = setUp({ kube, checks: [createBusyCheck(kube, () => [workflowExecution("stranger", { phase: "Running" })])] });
    kube.put(workflowExecution("stranger", { phase: "Completed" }));
    assert.equal((await run(remediationRequest("b"))).kind, "born");
  });

  it("asks the checks in order and stops at the first that blocks", async () => {
    const asked: string[] = [];
    const check = (name: string, blocks: boolean): Check => async () => {
      asked.push(name);
      return blocks ? { reason: "ResourceBusy", blocker: name, message: "" } : undefined;
    };
    const { run } = setUp({ checks: [check("first", false), check("second", true), check("third", true)] });
    const blocked = await run(remediationRequest("a"));
    assert.equal(blocked.kind === "blocked" && blocked.condition.reason === "ResourceBusy" && blocked.condition.blocker, "second");
    assert.deepEqual(asked, ["first", "second"]);
  });

  it("gives the lock back when a check fails (BR-ORCH-050)", async () => {
    const { run, leases } = setUp({ checks: [async () => Promise.reject(new KubeError("Forbidden", "no"))] });
    await assert.rejects(run(remediationRequest("a")), { reason: "Forbidden" });
    assert.deepEqual(await leases(), []);
  });

  it("blocks, and never merges, when the Lease is about another target (Z20)", async () => {
    const { run, leases, kube } = setUp();
    await run(remediationRequest("a"));
    const [lease] = await leases();
    assert.ok(lease);
    const annotations = { ...lease.metadata.annotations, "kubernaut.ai/lock-key": "shop/Deployment/cart" };
    await kube.replace(kinds.Lease, { ...lease, metadata: { ...lease.metadata, annotations } });
    const blocked = await run(remediationRequest("b"));
    assert.equal(blocked.kind === "blocked" && blocked.condition.reason, "ResourceBusy");
  });

  it("does not go on without an answer from the API server: it fails closed", async () => {
    const kube = Object.assign(new FakeKube(), { create: () => Promise.reject(new KubeError("Unreachable", "gone")) });
    const { run } = setUp({ kube });
    await assert.rejects(run(remediationRequest("a")), { reason: "Unreachable" });
    assert.deepEqual((await kube.list(kinds.WorkflowExecution)).items, []);
  });
});
