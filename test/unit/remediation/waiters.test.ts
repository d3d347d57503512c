import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { AIAnalysis } from "../../../src/api/ai-analysis.ts";
import type { CacheReader } from "../../../src/cache/ports.ts";
import { followedLeader, inOrder, waitedForTarget } from "../../../src/remediation/waiters.ts";
import { completedAnalysis, remediationRequest } from "../../support/builders.ts";

function analyses(...objects: readonly AIAnalysis[]): CacheReader<AIAnalysis> {
  return { get: ({ name }) => objects.find(({ metadata }) => metadata.name === name), list: () => objects, byIndex: () => [], synced: true };
}

const created = (second: number) => ({ meta: { creationTimestamp: `2026-01-01T00:00:0${second}Z` } });

describe("the line of those who wait for a target", () => {
  it("is by priority, then age, then uid", () => {
    const low = remediationRequest("low", {}, created(1));
    const old = remediationRequest("old", {}, created(2));
    const b = remediationRequest("b", {}, created(3));
    const a = remediationRequest("a", {}, created(3));
    const cache = analyses(completedAnalysis("low", "restart", { businessPriority: "P2" }), ...["old", "a", "b"].map((name) => completedAnalysis(name, "restart", { businessPriority: "P1" })));
    assert.deepEqual(inOrder({ aiAnalyses: cache }, [low, b, old, a]).map(({ metadata }) => metadata.name), ["old", "a", "b", "low"]);
  });

  it("puts those without a known priority last", () => {
    const unknown = remediationRequest("unknown", {}, created(1));
    const known = remediationRequest("known", {}, created(2));
    assert.equal(inOrder({ aiAnalyses: analyses(completedAnalysis("known")) }, [unknown, known])[0], known);
  });
});

describe("who waits for what", () => {
  it("is Blocked by a busy target, or about to launch", () => {
    const key = "shop/Deployment/checkout";
    assert.deepEqual(waitedForTarget(remediationRequest("a", { overallPhase: "Blocked", routingStatus: { blockReason: "ResourceBusy" } })), [key]);
    assert.deepEqual(waitedForTarget(remediationRequest("a", { overallPhase: "Analyzing" })), [key]);
    assert.deepEqual(waitedForTarget(remediationRequest("a", { overallPhase: "Blocked", routingStatus: { blockReason: "DuplicateInProgress" } })), []);
    assert.deepEqual(waitedForTarget(remediationRequest("a", { overallPhase: "Executing" })), []);
  });

  it("is the chosen target once there is one, and the cluster is part of it", () => {
    const status = { overallPhase: "Blocked", routingStatus: { blockReason: "ResourceBusy" }, workflowSelection: { remediationTarget: { kind: "Node", name: "n1" } } } as const;
    assert.deepEqual(waitedForTarget(remediationRequest("a", status, { spec: { clusterID: "east" } })), ["east|Node/n1"]);
  });

  it("names the leader that is followed, only while Blocked", () => {
    assert.deepEqual(followedLeader(remediationRequest("b", { overallPhase: "Blocked", routingStatus: { duplicateOf: "a" } })), ["a"]);
    assert.deepEqual(followedLeader(remediationRequest("b", { overallPhase: "Completed", routingStatus: { duplicateOf: "a" } })), []);
  });
});
