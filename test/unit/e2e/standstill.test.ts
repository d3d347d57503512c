import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Job } from "../../../src/api/job.ts";
import type { RemediationPhase } from "../../../src/api/remediation-request.ts";
import type { Change } from "../../e2e/follow.ts";
import type { Watched } from "../../e2e/invariants.ts";
import { standstills, standstillsTold } from "../../e2e/standstill.ts";
import { remediationRequest, workflowExecution } from "../../support/builders.ts";

const CHECKOUT = "shop/Deployment/checkout";

const request = (name: string, overallPhase: RemediationPhase) => remediationRequest(name, { overallPhase, ...(overallPhase === "Blocked" && { routingStatus: { blockReason: "ResourceBusy" } }) });
const elsewhere = (name: string, overallPhase: RemediationPhase) => remediationRequest(name, { overallPhase }, { spec: { targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: "cart", namespace: "shop" } } });

function job(owner: string, suspend: boolean, final?: "Complete"): Job {
  const ownerReferences = [{ apiVersion: "kubernaut.ai/v1alpha1", kind: "WorkflowExecution", name: `we-${owner}`, uid: `uid-we-${owner}`, controller: true }];
  const metadata = { name: `wfe-${owner}`, uid: `uid-job-${owner}`, resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z", ownerReferences };
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata,
    spec: { suspend, template: { spec: { restartPolicy: "Never", containers: [{ name: "workflow", image: "none", env: [{ name: "RO_TARGET", value: CHECKOUT }] }] } } },
    ...(final && { status: { conditions: [{ type: final, status: "True" }] } }),
  };
}

/** Each at its second. */
function seen(...told: readonly (readonly [atSeconds: number, object: Watched])[]): readonly Change<Watched>[] {
  return told.map(([atSeconds, object], at) => ({ type: "MODIFIED", version: at + 1, atMs: 1000 * atSeconds, object }));
}

function told(changes: readonly Change<Watched>[]): readonly string[] {
  return standstillsTold({ changes, faults: [{ atMs: 12_000, targets: [] }, { atMs: 99_000, targets: [] }], progress: [{ target: "shop/Deployment/cart", atMs: 13_000 }, { target: CHECKOUT, atMs: 13_000 }] });
}

describe("a target stands still", () => {
  it("between two changes of state while a request is open, and the longest is told with what stood how and what ended it", () => {
    const changes = seen([10, request("a", "Executing")], [10, request("b", "Blocked")], [10, workflowExecution("a", { phase: "Pending" })], [10.5, job("a", true)], [40.5, job("a", false)], [41, job("a", false, "Complete")], [41, request("a", "Completed")], [41, request("b", "Completed")]);
    assert.deepEqual(told(changes), [`stood still longest: ${CHECKOUT}, 30.0 s from 0.5 s on, with 1 faults and 1 steps on other targets meanwhile; next was a Executing, its execution Pending, its Job suspended; open were 1 Executing, 1 Blocked as ResourceBusy; ended by Job wfe-a: at work`]);
  });

  it("behind a workflow that runs as well, which is told apart", () => {
    const changes = seen([0, request("a", "Executing")], [0, workflowExecution("a", { phase: "Running" })], [0, job("a", false)], [90, job("a", false, "Complete")], [92, request("a", "Completed")]);
    const lines = told(changes);
    assert.equal(lines.length, 2);
    assert.match(lines.join("\n"), /^stood still longest: .*, 2\.0 s from 90\.0 s on.*\nstood still longest behind a running workflow: .*, 90\.0 s from 0\.0 s on/);
  });

  it("while others move, and where nothing ends it", () => {
    const changes = seen([0, request("a", "Analyzing")], [1, elsewhere("c", "Analyzing")], [60, elsewhere("c", "Completed")]);
    assert.match(told(changes).join(), /^stood still longest: shop\/Deployment\/checkout, 60\.0 s .* next was a Analyzing; open were 1 Analyzing; nothing ended it$/);
  });

  it("also while an object changes in ways that bring nobody further", () => {
    const again = { ...request("a", "Analyzing"), status: { overallPhase: "Analyzing", message: "still" } } as const;
    assert.deepEqual(standstills(seen([0, request("a", "Analyzing")], [5, again], [9, request("a", "Executing")])).map(({ forMs }) => forMs), [9000, 0]);
  });

  it("not while nobody wants anything of it", () => {
    assert.deepEqual(told(seen([0, request("a", "Completed")], [60, request("b", "Completed")])), []);
  });
});
