import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { KubeObject } from "../../src/api/object.ts";
import { remediationRequest, workflowExecution, claimLease } from "../support/builders.ts";
import { actionsOf, type ApiChange } from "./actions-of.ts";

const RUNNING = { phase: "Running", executionRef: { name: "wfe-uid-we-a", uid: "uid-job" } } as const;

function change(type: ApiChange["type"], object: KubeObject, by = "replica-0"): ApiChange {
  return { atMs: 0, kind: object.kind, type, object, by };
}

function named(uid: string): KubeObject {
  return remediationRequest("a", { overallPhase: "Executing", phaseProgress: { workflowExecutionRef: { name: "we-a", uid } } });
}

function job(suspend: boolean, executionUid = "uid-we-a"): KubeObject {
  const owner = { apiVersion: "kubernaut.ai/v1alpha1", kind: "WorkflowExecution", name: "we-a", uid: executionUid, controller: true };
  return { ...workflowExecution("a"), apiVersion: "batch/v1", kind: "Job", metadata: { ...workflowExecution("a").metadata, name: `wfe-${executionUid}`, uid: "uid-job", ownerReferences: [owner] }, spec: { suspend } } as unknown as KubeObject;
}

/** `name request detail` of each action of the only trace. */
function told(...changes: readonly ApiChange[]): readonly string[] {
  return actionsOf(changes).flatMap(({ actions }) => actions.map(({ name, request, detail }) => `${name} ${request} ${detail}`));
}

describe("the actions among the writes of an API server", () => {
  it("are those of a launch, each once, and nothing of what the model does not follow", () => {
    const launch = [
      change("ADDED", remediationRequest("a"), "person"),
      change("MODIFIED", remediationRequest("a", { overallPhase: "Analyzing" })),
      change("ADDED", claimLease("a")),
      change("ADDED", workflowExecution("a")),
      change("MODIFIED", named("uid-we-a")),
      change("MODIFIED", named("uid-we-a")),
      change("ADDED", job(true)),
      change("MODIFIED", workflowExecution("a", RUNNING)),
      change("MODIFIED", job(false)),
    ];
    assert.deepEqual(told(...launch), ["new 0 0", "born 0 1", "executing 0 1", "jobBorn 0 0", "running 0 1", "resumed 0 0"]);
  });

  it("tell a name from a uid: another execution that is named, another Job that is run, an owner that was before", () => {
    assert.deepEqual(told(change("ADDED", remediationRequest("a")), change("ADDED", workflowExecution("a")), change("MODIFIED", named("uid-other"))).at(-1), "executing 0 0");
    assert.deepEqual(told(change("ADDED", remediationRequest("a")), change("ADDED", workflowExecution("a")), change("MODIFIED", workflowExecution("a", RUNNING))).at(-1), "running 0 0");
    assert.deepEqual(told(change("ADDED", remediationRequest("a", undefined, { meta: { uid: "uid-a-2" } })), change("ADDED", workflowExecution("a"))).at(-1), "born 0 0");
  });

  it("tell a Job that is born running, and leave out those of executions that are gone", () => {
    const born = [change("ADDED", remediationRequest("a")), change("ADDED", workflowExecution("a"))];
    assert.deepEqual(told(...born, change("ADDED", job(false))).at(-1), "jobBorn 0 1");
    assert.deepEqual(told(...born, change("ADDED", job(true, "uid-gone"))).at(-1), "born 0 1");
  });

  it("tell who deletes: a person, the garbage collector, a replica", () => {
    const born = [change("ADDED", remediationRequest("a")), change("ADDED", workflowExecution("a"))];
    const deleted = (by: string) => told(...born, change("DELETED", workflowExecution("a"), by)).at(-1);
    assert.deepEqual(["person", "garbage-collector", "replica-1"].map(deleted), ["deleting 0 0", "deleting 0 1", "deleting 0 2"]);
  });

  it("are refused where a target has more requests than the model, and where nobody owns an execution", () => {
    assert.throws(() => told(...["a", "b", "c", "d"].map((name) => change("ADDED", remediationRequest(name)))), RangeError);
    assert.throws(() => told(change("ADDED", workflowExecution(null))), RangeError);
  });
});
