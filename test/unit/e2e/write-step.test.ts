import assert from "node:assert/strict";
import { it } from "node:test";
import { nameOf, stepOf, STEPS, type Write } from "../../e2e/write-step.ts";

const CUSTOM = "/apis/kubernaut.ai/v1alpha1/namespaces/ns";
const LEASES = "/apis/coordination.k8s.io/v1/namespaces/ns/leases";
const JOBS = "/apis/batch/v1/namespaces/ns/jobs";

function write(method: string, path: string, body: object = {}): Write {
  return { method, path, body: JSON.stringify(body) };
}

const EXAMPLES: readonly Write[] = [
  write("POST", LEASES, { metadata: { name: "ro-lock-0123" } }),
  write("POST", `${CUSTOM}/workflowexecutions`, { metadata: { name: "we-a" } }),
  write("PUT", `${CUSTOM}/remediationrequests/a/status`, { status: { overallPhase: "Executing" } }),
  write("POST", JOBS, { metadata: { name: "wfe-1" } }),
  write("PUT", `${CUSTOM}/workflowexecutions/we-a/status`, { status: { phase: "Running" } }),
  write("PATCH", `${JOBS}/wfe-1`, { metadata: { uid: "1" }, spec: { suspend: false } }),
  write("PUT", `${CUSTOM}/workflowexecutions/we-a/status`, { status: { phase: "Completed" } }),
  write("PATCH", `${CUSTOM}/workflowexecutions/we-a`, { metadata: { finalizers: [] } }),
  write("DELETE", `${LEASES}/ro-lock-0123`),
];

it("every step of the protocol is told by its write", () => {
  assert.deepEqual(EXAMPLES.map(stepOf), STEPS);
});

it("other writes are no step: membership, other phases, other kinds, reads", () => {
  const others = [
    write("POST", LEASES, { metadata: { name: "ro-member-1" } }),
    write("DELETE", `${LEASES}/ro-member-1`),
    write("PUT", `${CUSTOM}/remediationrequests/a/status`, { status: { overallPhase: "Blocked" } }),
    write("POST", `${CUSTOM}/aianalyses`, { metadata: { name: "ai-a" } }),
    write("GET", `${CUSTOM}/workflowexecutions/we-a`),
  ];
  assert.deepEqual(others.map(stepOf), others.map(() => undefined));
});

it("a write's object is named by its body where it is created, else by its path", () => {
  assert.deepEqual(EXAMPLES.slice(0, 3).map(nameOf), ["ro-lock-0123", "we-a", "a"]);
});
