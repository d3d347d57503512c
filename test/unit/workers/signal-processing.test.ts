import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SignalProcessing } from "../../../src/api/signal-processing.ts";
import { classify, type Surroundings } from "../../../src/workers/signal-processing/classify.ts";
import { signalProcessingFor } from "../../../src/remediation/creators/signal-processing.ts";
import { remediationRequest } from "../../support/builders.ts";

function processing(severity = "critical"): SignalProcessing {
  const draft = signalProcessingFor(remediationRequest("a", undefined, { spec: { severity } }), "2026-01-01T00:05:00Z");
  return { ...draft, metadata: { ...draft.metadata, uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" } };
}

const classified = (around: Surroundings, severity?: string) => classify(processing(severity), around, 0);

describe("the classification of a signal", () => {
  it("takes the environment from the workload's label before the namespace's, and says which", () => {
    const both = classified({ workload: { environment: "staging" }, namespace: { environment: "prod" } });
    assert.deepEqual([both.environmentClassification?.environment, both.environmentClassification?.source], ["Staging", "workload-label"]);
    const one = classified({ workload: {}, namespace: { environment: "prod" } });
    assert.deepEqual([one.environmentClassification?.environment, one.environmentClassification?.source], ["Production", "namespace-label"]);
  });

  it("says Unknown where no label tells, or tells nothing known", () => {
    assert.equal(classified({ workload: {}, namespace: undefined }).environmentClassification?.environment, "Unknown");
    assert.equal(classified({ workload: { environment: "moon" }, namespace: {} }).environmentClassification?.environment, "Unknown");
  });

  it("takes the priority from a label, otherwise from the severity and the environment", () => {
    const priority = (around: Surroundings, severity?: string) => classified(around, severity).priorityAssignment?.priority;
    assert.equal(priority({ workload: { priority: "p2" }, namespace: {} }), "P2");
    assert.equal(priority({ workload: { env: "production" }, namespace: {} }), "P0");
    assert.equal(priority({ workload: { env: "dev" }, namespace: {} }), "P1");
    assert.equal(priority({ workload: {}, namespace: {} }, "info"), "P3");
  });

  it("maps the words of alerts to the five severities", () => {
    const severity = (word: string) => classified({ workload: {}, namespace: {} }, word).signalClassification?.severity;
    assert.deepEqual(["page", "error", "WARN", "none", "banana"].map(severity), ["critical", "high", "warning", "info", "unknown"]);
  });

  it("says that it worked without the workload where that could not be read", () => {
    assert.equal(classified({ workload: undefined, namespace: undefined }).kubernetesContext?.degradedMode, true);
  });
});
