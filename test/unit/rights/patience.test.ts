import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { waitFor } from "../../../src/controller/ports.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { patient } from "../../../src/patience.ts";
import { hindered, HINDERED_RETRY_MS } from "../../../src/remediation/phases/hindered.ts";
import { remediationRequest } from "../../support/builders.ts";

const context = { signal: new AbortController().signal, log: silentLogger };
const failing = (reason: "Forbidden" | "Conflict") => () => Promise.reject(new KubeError(reason, "no"));
const rights = (missing: string | undefined) => ({ missing: () => missing, confirm: () => Promise.resolve(missing) });

describe("a reconcile that is refused", () => {
  it("is looked at again in a while when a right is missing", async () => {
    assert.deepEqual(await patient(failing("Forbidden"), rights("may not create leases"))("a/b", context), waitFor(HINDERED_RETRY_MS));
  });

  it("is an error like any other when no right is missing: a quota, a plugin", async () => {
    await assert.rejects(patient(failing("Forbidden"), rights(undefined))("a/b", context), { reason: "Forbidden" });
    await assert.rejects(patient(failing("Conflict"), rights("may not create leases"))("a/b", context), { reason: "Conflict" });
  });

  it("tells the remediation once, and anew when something else is missing", () => {
    const rr = remediationRequest("a", { overallPhase: "Analyzing" });
    const told = hindered(rr, "may not create leases");
    assert.deepEqual(told, { kind: "amend", status: rr.status, reason: "RightMissing", message: "may not create leases" });
    const ready = { type: "Ready", status: "False", reason: "RightMissing", message: "may not create leases", lastTransitionTime: "2026-01-01T00:00:00Z" } as const;
    const knows = remediationRequest("a", { overallPhase: "Analyzing", conditions: [ready] });
    assert.deepEqual(hindered(knows, "may not create leases"), { kind: "wait", afterMs: HINDERED_RETRY_MS, heldUp: true });
    assert.equal(hindered(knows, "may not create jobs").kind, "amend");
  });
});
