import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease } from "../../../src/api/lease.ts";
import type { KubeObject } from "../../../src/api/object.ts";
import type { AIAnalysis } from "../../../src/api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../../src/api/effectiveness-assessment.ts";
import type { RemediationPhase, RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { SignalProcessing } from "../../../src/api/signal-processing.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import type { CacheListener, IndexFunction } from "../../../src/cache/ports.ts";
import { createStore } from "../../../src/cache/store.ts";
import { OwnSteps } from "../../../src/remediation/own-steps.ts";
import { subscribeTriggers } from "../../../src/remediation/triggers.ts";
import { followedLeader, FOLLOWERS_BY_LEADER, waitedForTarget, WAITERS_BY_TARGET } from "../../../src/remediation/waiters.ts";
import type { AppliedStep } from "../../../src/remediation/observers.ts";
import { claimLease, completedAnalysis, NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";

/** A cache of one kind, and somebody who tells of it. */
function told<T extends KubeObject>(indexes: Readonly<Record<string, IndexFunction<T>>> = {}) {
  const cache = createStore<T>(indexes);
  let listener: CacheListener<T> = () => undefined;
  return {
    cache,
    subscribe(told: CacheListener<T>) {
      listener = told;
      return () => void (listener = () => undefined);
    },
    synced: () => Promise.resolve(),
    observe: () => undefined,
    observeDeleted: () => undefined,
    put: (object: T) => cache.put(object).forEach((event) => listener(event)),
    remove: (object: T) => cache.remove(object).forEach((event) => listener(event)),
  };
}

function setUp() {
  const informers = {
    remediationRequests: told<RemediationRequest>({ [WAITERS_BY_TARGET]: waitedForTarget, [FOLLOWERS_BY_LEADER]: followedLeader }),
    signalProcessings: told<SignalProcessing>(),
    aiAnalyses: told<AIAnalysis>(),
    workflowExecutions: told<WorkflowExecution>(),
    effectivenessAssessments: told<EffectivenessAssessment>(),
    leases: told<Lease>(),
  };
  const { remediationRequests, signalProcessings, aiAnalyses, workflowExecutions, effectivenessAssessments } = informers;
  const caches = {
    remediationRequests: remediationRequests.cache,
    signalProcessings: signalProcessings.cache,
    aiAnalyses: aiAnalyses.cache,
    workflowExecutions: workflowExecutions.cache,
    effectivenessAssessments: effectivenessAssessments.cache,
    executionsOn: () => [],
    claimsOn: () => [],
  };
  const woken: string[] = [];
  const own = new OwnSteps();
  const stop = subscribeTriggers(informers, caches, own, (key) => void woken.push(key.replace(`${NAMESPACE}/`, "")));
  return { informers, own, stop, woken: () => [...new Set(woken.splice(0))].toSorted() };
}

const busy = { overallPhase: "Blocked", routingStatus: { blockReason: "ResourceBusy" } } as const;

function at(name: string, resourceVersion: string, overallPhase: RemediationPhase): RemediationRequest {
  return remediationRequest(name, { overallPhase }, { meta: { resourceVersion } });
}

function step(before: RemediationRequest, after: RemediationRequest): AppliedStep {
  return { before, after, reason: "Moved", message: "It moved.", atMs: 0 };
}

function analysisOf(owner: string, resourceVersion: string, phase?: "Investigating" | "Completed"): AIAnalysis {
  const { metadata, status, ...rest } = completedAnalysis(owner);
  return { ...rest, metadata: { ...metadata, resourceVersion }, ...(phase && status ? { status: { ...status, phase } } : {}) };
}

describe("what is watched wakes whoever waits for it", () => {
  it("a claim that goes wakes the first in line, and those whose launch met it", () => {
    const { informers, woken } = setUp();
    const lease = claimLease("leader");
    informers.leases.put(lease);
    informers.remediationRequests.put(remediationRequest("first", busy));
    informers.remediationRequests.put(remediationRequest("second", busy));
    informers.remediationRequests.put(remediationRequest("launching", { overallPhase: "Analyzing" }));
    woken();
    informers.leases.remove(lease);
    assert.deepEqual(woken(), ["first", "launching"]);
  });

  it("an execution that has ended wakes its owner, whoever it may have cured and the first in line; one at work wakes nobody", () => {
    const { informers, woken } = setUp();
    const cured = { ...busy, workflowSelection: { selectedWorkflowRef: { workflowId: "restart", version: "1.0.0", executionBundle: "x", executionBundleDigest: "" } } };
    informers.remediationRequests.put(remediationRequest("first", busy));
    informers.remediationRequests.put(remediationRequest("same-cure", cured));
    informers.remediationRequests.put(remediationRequest("third", busy));
    informers.remediationRequests.put(at("leader", "5", "Executing"));
    informers.workflowExecutions.put(workflowExecution("leader", { phase: "Running" }));
    assert.deepEqual(woken(), ["first", "leader", "same-cure", "third"], "only the requests that came");
    informers.workflowExecutions.put(workflowExecution("leader", { phase: "Completed" }));
    assert.deepEqual(woken(), ["first", "leader", "same-cure"]);
    informers.workflowExecutions.put(workflowExecution("leader", { phase: "Completed" }, { meta: { resourceVersion: "900", finalizers: [] } }));
    assert.deepEqual(woken(), [], "its end was told before");
  });

  it("a remediation wakes itself, and by its end those who follow it and the first in line", () => {
    const { informers, woken } = setUp();
    informers.remediationRequests.put(remediationRequest("first", busy));
    informers.remediationRequests.put(remediationRequest("follower", { overallPhase: "Blocked", routingStatus: { blockReason: "DuplicateInProgress", duplicateOf: "leader" } }));
    woken();
    informers.remediationRequests.put(remediationRequest("leader", { overallPhase: "Verifying" }));
    assert.deepEqual(woken(), ["leader"]);
    informers.remediationRequests.put(remediationRequest("leader", { overallPhase: "Completed" }));
    assert.deepEqual(woken(), ["first", "follower", "leader"]);
  });

  it("a remediation that we moved ourselves is not looked at for it, whether the watch tells of our last step or of one before", () => {
    const { informers, own, woken } = setUp();
    const [before, ours, theirs] = [at("leader", "5", "Processing"), at("leader", "7", "Analyzing"), at("leader", "9", "Analyzing")];
    own.observe(step(before, ours));
    informers.remediationRequests.put(before);
    informers.remediationRequests.put(ours);
    assert.deepEqual(woken(), []);
    informers.remediationRequests.put(theirs);
    assert.deepEqual(woken(), ["leader"], "somebody else has moved it since");
  });

  it("one that we have put in line is looked at once the cache has it there: what was in the way may have gone before", () => {
    const { informers, own, woken } = setUp();
    const [before, ours] = [at("waiter", "5", "Analyzing"), remediationRequest("waiter", busy, { meta: { resourceVersion: "7" } })];
    own.observe(step(before, ours));
    informers.remediationRequests.put(ours);
    assert.deepEqual(woken(), ["waiter"]);
  });

  it("one that we have ended, and one under the name of one that is gone, are looked at", () => {
    const { informers, own, woken } = setUp();
    const [moved, ended] = [at("leader", "5", "Verifying"), at("leader", "7", "Completed")];
    own.observe(step(moved, moved));
    own.observe(step(moved, ended));
    informers.remediationRequests.put(ended);
    assert.deepEqual(woken(), ["leader"]);
    own.observe(step(moved, at("leader", "90", "Processing")));
    informers.remediationRequests.remove(ended);
    informers.remediationRequests.put(at("leader", "8", "Verifying"));
    assert.deepEqual(woken(), ["leader"], "what was known of it went with it");
  });

  it("a child wakes its owner by its end or its deletion, not by its birth and its progress", () => {
    const { informers, woken } = setUp();
    informers.remediationRequests.put(at("leader", "5", "Analyzing"));
    assert.deepEqual(woken(), ["leader"]);
    const analysis = analysisOf("leader", "5");
    informers.aiAnalyses.put(analysis);
    informers.aiAnalyses.put(analysisOf("leader", "6", "Investigating"));
    assert.deepEqual(woken(), []);
    informers.aiAnalyses.put(analysisOf("leader", "7", "Completed"));
    assert.deepEqual(woken(), ["leader"]);
    informers.aiAnalyses.remove(analysis);
    assert.deepEqual(woken(), ["leader"]);
  });

  it("Z80: a child whose owner is not known here yet wakes nobody: its target is not known either, and so whose turn it is", () => {
    const { informers, woken } = setUp();
    informers.aiAnalyses.put(analysisOf("leader", "7", "Completed"));
    assert.deepEqual(woken(), []);
    informers.remediationRequests.put(at("leader", "5", "Analyzing"));
    assert.deepEqual(woken(), ["leader"], "by an event of its own");
  });

  it("nobody is woken any more once it was told to stop", () => {
    const { informers, stop, woken } = setUp();
    stop();
    informers.remediationRequests.put(remediationRequest("leader", { overallPhase: "Completed" }));
    assert.deepEqual(woken(), []);
  });
});
