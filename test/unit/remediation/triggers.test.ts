import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease } from "../../../src/api/lease.ts";
import type { KubeObject } from "../../../src/api/object.ts";
import type { AIAnalysis } from "../../../src/api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../../src/api/effectiveness-assessment.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { SignalProcessing } from "../../../src/api/signal-processing.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import type { CacheListener, IndexFunction } from "../../../src/cache/ports.ts";
import { createStore } from "../../../src/cache/store.ts";
import { subscribeTriggers } from "../../../src/remediation/triggers.ts";
import { followedLeader, FOLLOWERS_BY_LEADER, waitedForTarget, WAITERS_BY_TARGET } from "../../../src/remediation/waiters.ts";
import { claimLease, NAMESPACE, remediationRequest, workflowExecution } from "../../support/builders.ts";

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
  const stop = subscribeTriggers(informers, caches, (key) => void woken.push(key.replace(`${NAMESPACE}/`, "")));
  return { informers, stop, woken: () => [...new Set(woken.splice(0))].toSorted() };
}

const busy = { overallPhase: "Blocked", routingStatus: { blockReason: "ResourceBusy" } } as const;

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

  it("an execution wakes its owner, and once it has ended whoever it may have cured and the first in line", () => {
    const { informers, woken } = setUp();
    const cured = { ...busy, workflowSelection: { selectedWorkflowRef: { workflowId: "restart", version: "1.0.0", executionBundle: "x", executionBundleDigest: "" } } };
    informers.remediationRequests.put(remediationRequest("first", busy));
    informers.remediationRequests.put(remediationRequest("same-cure", cured));
    informers.remediationRequests.put(remediationRequest("third", busy));
    informers.workflowExecutions.put(workflowExecution("leader", { phase: "Running" }));
    woken();
    informers.workflowExecutions.put(workflowExecution("leader", { phase: "Completed" }));
    assert.deepEqual(woken(), ["first", "leader", "same-cure"]);
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

  it("nobody is woken any more once it was told to stop", () => {
    const { informers, stop, woken } = setUp();
    stop();
    informers.remediationRequests.put(remediationRequest("leader", { overallPhase: "Completed" }));
    assert.deepEqual(woken(), []);
  });
});
