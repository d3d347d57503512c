import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RemediationPhase, RemediationRequest } from "../../../src/api/remediation-request.ts";
import type { WorkflowExecution } from "../../../src/api/workflow-execution.ts";
import { contendedLaunches } from "../../e2e/contended.ts";
import type { Change } from "../../e2e/follow.ts";
import type { Watched } from "../../e2e/invariants.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

function request(name: string, overallPhase?: RemediationPhase, target = "checkout"): RemediationRequest {
  return remediationRequest(name, overallPhase && { overallPhase }, { spec: { targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: target, namespace: "shop" } } });
}

function launch(owner: string, uid = `uid-we-${owner}`): WorkflowExecution {
  return workflowExecution(owner, undefined, { meta: { uid } });
}

/** In this order, at versions 1, 2, 3 ... */
function told(...objects: readonly Watched[]): readonly Change<Watched>[] {
  return objects.map((object, at) => ({ type: "MODIFIED", version: at + 1, atMs: at, object }));
}

function contended(changes: readonly Change<Watched>[]): readonly string[] {
  return [...contendedLaunches(changes)];
}

describe("a launch is contended", () => {
  it("while another request on its target wants it or has it, in whatever phase that is", () => {
    for (const phase of [undefined, "Processing", "Blocked", "Executing"] as const) {
      assert.deepEqual(contended(told(request("a"), request("b", phase), launch("a"))), ["uid-a"]);
    }
  });

  it("not by a request that has ended, or whose workflow has and is being verified", () => {
    for (const phase of ["Verifying", "Completed", "Failed", "TimedOut"] as const) {
      assert.deepEqual(contended(told(request("a"), request("b", phase), launch("a"))), []);
    }
  });

  it("by its own time, not by the story's: the last of three has nobody beside it any more", () => {
    const round = told(request("a"), request("b"), request("c"), launch("a"), request("a", "Completed"), launch("b"), request("b", "Failed"), launch("c"));
    assert.deepEqual(contended(round), ["uid-a", "uid-b"]);
  });

  it("not by a request that comes after it", () => {
    assert.deepEqual(contended(told(request("a"), launch("a"), request("b"))), []);
  });

  it("not by a request on another target", () => {
    assert.deepEqual(contended(told(request("a"), request("b", undefined, "cart"), launch("a"))), []);
  });

  it("not by a request that is gone, though it never ended", () => {
    const gone: Change<Watched> = { type: "DELETED", version: 3, atMs: 3, object: request("b", "Blocked") };
    const changes = [...told(request("a"), request("b", "Blocked")), gone, { type: "ADDED", version: 4, atMs: 4, object: launch("a") } as const];
    assert.deepEqual(contended(changes), []);
  });

  it("once, however often its execution gave way and was created again", () => {
    assert.deepEqual(contended(told(request("a"), request("b"), launch("a", "first"), launch("a", "second"))), ["uid-a"]);
  });

  it("at its creation, and what becomes of it later does not count", () => {
    assert.deepEqual(contended(told(request("a"), launch("a"), request("b"), workflowExecution("a", { phase: "Running" }))), []);
  });

  it("in the API server's order, whichever stream told it first", () => {
    const round = told(request("a"), launch("a"), request("b"), request("a", "Completed"), launch("b"));
    assert.deepEqual(contended(round.toReversed()), []);
    assert.deepEqual(contended(told(request("a"), request("b"), launch("b")).toReversed()), ["uid-b"]);
  });
});
