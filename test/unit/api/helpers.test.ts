import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { cancelAnnotation, CANCEL_ANNOTATION, cancellationOf } from "../../../src/api/annotations.ts";
import {
  aiAnalysisName,
  approvalRequestName,
  effectivenessAssessmentName,
  notificationRequestName,
  signalProcessingName,
  workflowExecutionName,
} from "../../../src/api/child-names.ts";
import { durationMs, formatDuration } from "../../../src/api/duration.ts";
import type { KindInfo } from "../../../src/api/kind.ts";
import { kindOfTarget, kinds } from "../../../src/api/kinds.ts";
import type { ObjectKey } from "../../../src/api/object.ts";
import { isTerminalPhase } from "../../../src/api/phase.ts";
import { confidenceLevel } from "../../../src/api/remediation-approval-request.ts";
import type { RemediationRequest } from "../../../src/api/remediation-request.ts";
import { lockKey, parseTarget, targetString } from "../../../src/api/target.ts";
import { epochMsOf, timestamp } from "../../../src/api/timestamp.ts";
import { isFenced, isTerminalExecution, phaseOfExecution, type WorkflowExecution, type WorkflowExecutionStatus } from "../../../src/api/workflow-execution.ts";
import { crds } from "./crd-schema.ts";

const HOUR_MS = 3_600_000;
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

describe("durations", () => {
  for (const [text, ms] of [
    ["1h0m0s", HOUR_MS],
    ["90s", 90_000],
    ["1.5h", 1.5 * HOUR_MS],
    ["300ms", 300],
    ["1h30m", 1.5 * HOUR_MS],
    ["-2m", -120_000],
    [".5s", 500],
    ["1.s", 1000],
    ["250us", 0.25],
    ["250µs", 0.25],
    ["0", 0],
    ["0s", 0],
  ] as const) {
    it(`${text} is ${ms} ms`, () => assert.equal(durationMs(text), ms));
  }

  for (const text of ["", "5", "h", "1d", "1h 5m", "five", "1e3s", "--1s", ".s", "1h0m0", undefined]) {
    it(`${String(text)} is no duration`, () => assert.equal(durationMs(text), undefined));
  }

  for (const [ms, text] of [
    [HOUR_MS, "1h0m0s"],
    [600_000, "10m0s"],
    [90_000, "1m30s"],
    [1500, "1.5s"],
    [300, "300ms"],
    [0, "0s"],
    [0.2, "0s"],
    [-0.2, "0s"],
    [59_999.6, "1m0s"],
    [-90_000, "-1m30s"],
    [25 * HOUR_MS + 61_001, "25h1m1.001s"],
  ] as const) {
    it(`${ms} ms is written ${text}`, () => assert.equal(formatDuration(ms), text));
  }

  it("what is written is read back", () => {
    for (let ms = 0; ms < 10 * HOUR_MS; ms = ms * 2 + 7) assert.equal(durationMs(formatDuration(ms)), ms);
  });
});

describe("targets", () => {
  it("a namespaced target is namespace/Kind/name, a cluster-scoped one Kind/name, and the casing of Kind is kept", () => {
    assert.equal(targetString({ kind: "StatefulSet", name: "db", namespace: "shop", apiVersion: "apps/v1" }), "shop/StatefulSet/db");
    assert.equal(targetString({ kind: "Node", name: "n1", namespace: "" }), "Node/n1");
  });

  it("what is written is parsed back", () => {
    for (const target of [{ kind: "Deployment", name: "checkout", namespace: "shop" }, { kind: "Node", name: "n1.zone.example" }]) {
      assert.deepEqual(parseTarget(targetString(target)), target);
    }
  });

  for (const text of ["", "Node", "/", "a//b", "shop/Deployment/", "/Deployment/x", "a/b/c/d"]) {
    it(`"${text}" is no target`, () => assert.equal(parseTarget(text), undefined));
  }

  it("the lock key carries the cluster when there is one", () => {
    assert.equal(lockKey(undefined, "shop/Deployment/checkout"), "shop/Deployment/checkout");
    assert.equal(lockKey("", "shop/Deployment/checkout"), "shop/Deployment/checkout");
    assert.equal(lockKey("eu-1", "shop/Deployment/checkout"), "eu-1|shop/Deployment/checkout");
  });
});

describe("names of children", () => {
  const all = [signalProcessingName, aiAnalysisName, approvalRequestName, workflowExecutionName, effectivenessAssessmentName, (rr: string) => notificationRequestName("manual-review", rr)];

  it("are a prefix and the RemediationRequest's name", () => {
    assert.deepEqual(
      all.map((name) => name("rr-a")),
      ["sp-rr-a", "ai-rr-a", "rar-rr-a", "we-rr-a", "ea-rr-a", "nr-manual-review-rr-a"],
    );
  });

  it("a notification's reason is put in lower case and into the letters of a name", () => {
    assert.equal(notificationRequestName("block-ResourceBusy", "rr-b"), "nr-block-resourcebusy-rr-b");
    assert.equal(notificationRequestName("_Timed out!", "rr-b"), "nr-timed-out-rr-b");
  });

  it("are valid and at most 253 characters long for every valid name of a RemediationRequest", () => {
    for (let length = 200; length <= 253; length++) {
      for (const request of ["a".repeat(length), `${"a.b-c".repeat(60).slice(0, length - 1)}z`]) {
        for (const name of all) {
          assert.ok(name(request).length <= 253, name(request));
          assert.match(name(request), DNS_SUBDOMAIN);
        }
      }
    }
  });

  it("of two long names that differ only at their ends differ", () => {
    const request = "a".repeat(252);
    for (const name of all) assert.notEqual(name(`${request}x`), name(`${request}y`));
  });

  it("stay the same from version to version, also long ones", () => {
    assert.equal(workflowExecutionName("a".repeat(253)), `we-${"a".repeat(233)}-8e8f6581e0ff9e30`);
  });
});

describe("kinds", () => {
  it("a kind carries the type of its objects", async () => {
    const get = <T extends { readonly metadata: { readonly name: string } }>(_kind: { readonly example?: T }, _key: ObjectKey): Promise<T | undefined> => Promise.resolve(undefined);
    const request: RemediationRequest | undefined = await get(kinds.RemediationRequest, { name: "rr-a" });
    // @ts-expect-error a RemediationRequest is no WorkflowExecution
    const other: WorkflowExecution | undefined = await get(kinds.RemediationRequest, { name: "rr-a" });
    assert.deepEqual([request, other], [undefined, undefined]);
  });

  it("each kind stands under its own name, with a plural in lower case", () => {
    for (const [name, info] of Object.entries<KindInfo>(kinds)) {
      assert.equal(info.kind, name);
      assert.match(info.plural, /^[a-z]+$/);
    }
  });

  it("the custom kinds are those of the CRDs", () => {
    const ours = Object.values<KindInfo>(kinds).filter(({ group }) => group === "kubernaut.ai");
    const shipped = [...crds.values()].map(({ spec }) => `${spec.names.kind} ${spec.names.plural}`);
    assert.deepEqual(ours.map(({ kind, plural }) => `${kind} ${plural}`).sort(), shipped.sort());
  });

  it("a target's kind is found by its name, and not in another API group", () => {
    assert.equal(kindOfTarget({ kind: "Deployment", apiVersion: "apps/v1" })?.plural, "deployments");
    assert.equal(kindOfTarget({ kind: "Deployment" })?.plural, "deployments");
    assert.equal(kindOfTarget({ kind: "Node", apiVersion: "v1" })?.namespaced, false);
    assert.equal(kindOfTarget({ kind: "Deployment", apiVersion: "example.com/v1" }), undefined);
    assert.equal(kindOfTarget({ kind: "Pod", apiVersion: "apps/v1" }), undefined);
    assert.equal(kindOfTarget({ kind: "deployment" }), undefined);
    assert.equal(kindOfTarget({ kind: "toString" }), undefined);
  });

  it("no Secret, no ConfigMap, no object of our own is a target: what is not read needs no right", () => {
    for (const kind of ["Secret", "ConfigMap", "Event", "Lease", "RemediationRequest", "CustomResourceDefinition"]) assert.equal(kindOfTarget({ kind }), undefined, kind);
  });
});

describe("phases", () => {
  it("Completed, Failed, TimedOut, Skipped and Cancelled are final, the absent and an unknown phase are not", () => {
    for (const phase of ["Completed", "Failed", "TimedOut", "Skipped", "Cancelled"] as const) assert.equal(isTerminalPhase(phase), true, phase);
    for (const phase of ["Pending", "Blocked", "Verifying", "Running", "", undefined] as const) assert.equal(isTerminalPhase(phase), false, phase);
  });

  it("a WorkflowExecution without a phase is Pending", () => {
    assert.equal(phaseOfExecution(execution()), "Pending");
    assert.equal(phaseOfExecution(execution({})), "Pending");
    assert.equal(phaseOfExecution(execution({ phase: "Running" })), "Running");
  });

  it("only Completed and Failed end a WorkflowExecution", () => {
    const ended = (["Pending", "Running", "Completed", "Failed"] as const).map((phase) => isTerminalExecution(execution({ phase })));
    assert.deepEqual(ended, [false, false, true, true]);
  });

  it("a WorkflowExecution is fenced when it failed as Deduplicated, not when it failed otherwise", () => {
    assert.equal(isFenced(execution(failure("Deduplicated"))), true);
    assert.equal(isFenced(execution(failure("TaskFailed"))), false);
    assert.equal(isFenced(execution({ phase: "Running" })), false);
  });
});

describe("cancel requests", () => {
  const annotated = (text: string) => cancellationOf({ metadata: { annotations: { [CANCEL_ANNOTATION]: text } } });

  it("say who and why", () => {
    assert.deepEqual(annotated(cancelAnnotation({ by: "ada", why: "false alarm" })), { by: "ada", why: "false alarm" });
  });

  it("any other text is the reason, by unknown", () => {
    assert.deepEqual(annotated("false alarm"), { by: "unknown", why: "false alarm" });
    assert.deepEqual(annotated("true"), { by: "unknown", why: "true" });
    assert.deepEqual(annotated('{"by": 1}'), { by: "unknown", why: "" });
    assert.deepEqual(annotated(""), { by: "unknown", why: "" });
  });

  it("an object without the annotation is not to be cancelled", () => {
    assert.equal(cancellationOf({ metadata: {} }), undefined);
    assert.equal(cancellationOf({ metadata: { annotations: {} } }), undefined);
  });
});

describe("times and confidence", () => {
  it("a moment is written in UTC and read back", () => {
    assert.equal(timestamp(0), "1970-01-01T00:00:00.000Z");
    assert.equal(epochMsOf("1970-01-01T00:00:01Z"), 1000);
    assert.equal(epochMsOf("1970-01-01T01:00:00.5+01:00"), 500);
    assert.equal(epochMsOf(undefined), undefined);
    assert.equal(epochMsOf("soon"), undefined);
  });

  it("confidence below 0.6 is low, below 0.8 medium, else high", () => {
    assert.deepEqual([0, 0.59, 0.6, 0.79, 0.8, 1].map(confidenceLevel), ["low", "low", "medium", "medium", "high", "high"]);
  });
});

function execution(status?: WorkflowExecutionStatus): WorkflowExecution {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "WorkflowExecution",
    metadata: { name: "we-rr-a", namespace: "kubernaut-system", uid: "u", resourceVersion: "1", creationTimestamp: "2026-01-01T00:00:00Z" },
    spec: {
      remediationRequestRef: { name: "rr-a" },
      targetResource: "shop/Deployment/checkout",
      workflowRef: { workflowId: "w", workflowName: "restart", actionType: "RestartDeployment", version: "1.0.0", executionBundle: "b" },
    },
    ...(status ? { status } : {}),
  };
}

function failure(reason: "Deduplicated" | "TaskFailed"): WorkflowExecutionStatus {
  const failureDetails = { reason, failedTaskIndex: 0, failedTaskName: "run", message: "m", failedAt: "2026-01-01T00:00:00Z", naturalLanguageSummary: "s" };
  return { phase: "Failed", failureDetails };
}
