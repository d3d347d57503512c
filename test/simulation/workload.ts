import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { load } from "js-yaml";
import type { AIAnalysis } from "../../src/api/ai-analysis.ts";
import { aiAnalysisName } from "../../src/api/child-names.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import type { RemediationWorkflow } from "../../src/api/remediation-workflow.ts";
import type { InProcessClient } from "../../src/apiserver/in-process-client.ts";
import type { JsonObject } from "../../src/apiserver/ports.ts";
import { assertNever } from "../../src/lib/assert-never.ts";
import type { Deployment } from "../../src/api/workload.ts";
import { signalContext } from "../support/builders.ts";
import type { PlannedRequest, PlannedWorkflow } from "./plan.ts";

/** Where everything of a simulated world lives. */
export const NAMESPACE = "kubernaut-system";

const CRDS = join(import.meta.dirname, "..", "..", "deploy", "crds");
/** The kinds. */
export const crds = readdirSync(CRDS).map((file) => load(readFileSync(join(CRDS, file), "utf8")) as JsonObject);

/** Targets `app-0`, `app-1`, ... Those that are `sick` stay so, whatever is done about it. */
export function setUp(client: InProcessClient, targets: number, sick: readonly number[] = []): void {
  for (let target = 0; target < targets; target++) deployment(client, `app-${target}`, sick.includes(target) ? "False" : "True");
}

function deployment(client: InProcessClient, name: string, available: "True" | "False"): void {
  const labels = { app: name };
  const template = { metadata: { labels }, spec: { containers: [{ name: "app", image: "example.com/app:1.0.0" }] } };
  const created = client.create<Deployment>(kinds.Deployment, NAMESPACE, { apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace: NAMESPACE }, spec: { replicas: 1, selector: { matchLabels: labels }, template } });
  client.replaceStatus(kinds.Deployment, { ...created, status: { observedGeneration: 1, replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1, conditions: [{ type: "Available", status: available }] } });
}

/** The catalog: one workflow for each, chosen by the signal's name. */
export function catalog(client: InProcessClient, workflows: readonly PlannedWorkflow[]): void {
  workflows.forEach((workflow, at) => client.create(kinds.RemediationWorkflow, NAMESPACE, entryOf(workflow, at)));
}

function entryOf(workflow: PlannedWorkflow, at: number): JsonObject {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationWorkflow",
    metadata: { name: workflowName(at), namespace: NAMESPACE },
    spec: {
      actionType: "RestartWorkload",
      version: "1.0.0",
      description: { what: "Restarts it.", whenToUse: "It crashes." },
      labels: { component: ["Deployment"], environment: ["*"], severity: ["*"], priority: "*" },
      customLabels: { signalName: signalName(at) },
      execution: { engine: "job", bundle: "example.com/restart:1.0.0", engineConfig: engineConfigOf(workflow) },
      parameters: [{ name: "TARGET_NAME", type: "string", required: true, description: "What to restart." }],
    },
  } satisfies Draft<RemediationWorkflow>;
}

function engineConfigOf({ runMs, exitCode, stopMs }: PlannedWorkflow): JsonObject {
  return { podAnnotations: { "ro.dev/script": JSON.stringify({ runMs, exitCode }), "ro.dev/stop-ms": String(stopMs) } };
}

function workflowName(at: number): string {
  return `workflow-${at}`;
}

function signalName(at: number): string {
  return `Signal${at}`;
}

/** An alert as the gateway hands it in. `nowMs` is the wall clock's. */
export function raiseAlert(client: InProcessClient, { name, target, workflow }: PlannedRequest, nowMs: number): RemediationRequest {
  const at = new Date(nowMs).toISOString();
  return client.create<RemediationRequest>(kinds.RemediationRequest, NAMESPACE, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationRequest",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      signalFingerprint: "8bc83009dae946e70ecdf43858a774b579d5f8d23a6b6f3215b8aa4a21275691",
      signalName: signalName(workflow),
      severity: "critical",
      signalType: "alert",
      targetType: "kubernetes",
      targetResource: targetOf(target),
      firingTime: at,
      receivedTime: at,
    },
  });
}

/** The target of that number. */
export function targetOf(target: number) {
  return { apiVersion: "apps/v1", kind: "Deployment", name: `app-${target}`, namespace: NAMESPACE };
}

/** What an analysis may come to. `workflow`: one was chosen. `doubted`, `approval`: the same, and a human is to look at it, or to allow it, before it runs. */
export const ANALYSIS_VERDICTS = ["workflow", "not-needed", "human", "failed", "doubted", "approval"] as const;

export type AnalysisVerdict = (typeof ANALYSIS_VERDICTS)[number];

/** Does what signal processing and analysis do, in one go: where a workflow is chosen, nothing else is left to do than to launch it. */
export function analyse(client: InProcessClient, rr: RemediationRequest, { target, workflow }: PlannedRequest, script: PlannedWorkflow, verdict: AnalysisVerdict, nowMs: number): void {
  const at = `${new Date(nowMs).toISOString().slice(0, 19)}Z`;
  const { name, uid } = rr.metadata;
  const analysis = client.create<AIAnalysis>(kinds.AIAnalysis, NAMESPACE, {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "AIAnalysis",
    metadata: { name: aiAnalysisName(name), namespace: NAMESPACE, ownerReferences: [{ apiVersion: rr.apiVersion, kind: rr.kind, name, uid, controller: true, blockOwnerDeletion: true }] },
    spec: { remediationId: name, remediationRequestRef: { apiVersion: rr.apiVersion, kind: rr.kind, namespace: NAMESPACE, name, uid }, analysisRequest: { analysisTypes: ["WorkflowSelection"], signalContext: { ...signalContext({ signalName: signalName(workflow), targetResource: targetOf(target) }) } as unknown as JsonObject } },
  });
  client.replaceStatus(kinds.AIAnalysis, { ...analysis, status: analysisStatus(verdict, chosen(target, workflow, script, at)) });
  const { apiVersion, kind, metadata } = analysis;
  client.replaceStatus(kinds.RemediationRequest, {
    ...rr,
    status: { overallPhase: "Analyzing", startTime: at, phaseProgress: { analyzingStartTime: at, aiAnalysisRef: { apiVersion, kind, namespace: NAMESPACE, name: metadata.name, uid: metadata.uid } } },
  });
}

type AnalysisStatus = NonNullable<AIAnalysis["status"]>;

/** What an analysis says that came to `verdict`; `chosen` is what it says where its workflow may run. */
function analysisStatus(verdict: AnalysisVerdict, chosen: AnalysisStatus): AnalysisStatus {
  switch (verdict) {
    case "workflow":
      return chosen;
    case "doubted":
      return { ...chosen, review: { needsHumanReview: true, humanReviewReason: "low_confidence" } };
    case "approval":
      return { ...chosen, approval: { approvalRequired: true, approvalReason: "it is production" } };
    case "not-needed":
      return { phase: "Completed", reason: "WorkflowNotNeeded", message: "it has healed by itself" };
    case "human":
      return { phase: "Completed", reason: "NoWorkflowSelected", review: { needsHumanReview: true, humanReviewReason: "low_confidence" } };
    case "failed":
      return { phase: "Failed", reason: "APIError", message: "nobody answered" };
    default:
      return assertNever(verdict);
  }
}

function chosen(target: number, workflow: number, script: PlannedWorkflow, at: string): AnalysisStatus {
  return {
    phase: "Completed",
    reason: "AnalysisCompleted",
    rcaResult: {
      rootCauseAnalysis: { summary: "crash loop", severity: "critical", signalType: "alert", remediationTarget: targetOf(target) },
      selectedWorkflow: {
        workflowId: workflowName(workflow),
        workflowName: workflowName(workflow),
        actionType: "RestartWorkload",
        version: "1.0.0",
        executionBundle: "example.com/restart:1.0.0",
        executionEngine: "job",
        engineConfig: engineConfigOf(script),
        confidence: 0.95,
        rationale: "it fits",
        selectedAt: at,
      },
    },
  };
}
