import type { AIAnalysis } from "../../src/api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../src/api/effectiveness-assessment.ts";
import { finalConditionOf, type Job } from "../../src/api/job.ts";
import { controllerOf, type KubeObject } from "../../src/api/object.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { lockKey, targetString } from "../../src/api/target.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import type { Violation } from "./judge.ts";
import type { Touched } from "./touched.ts";

export interface EndingsDeps {
  /** What really ran so far. */
  readonly ledger: () => readonly LedgerEntry[];
  /** The time that is so, whatever a replica's clock says. Milliseconds since the epoch. */
  readonly nowMs: () => number;
  /** Whether a target, by `namespace/Kind/name`, is healthy. It never changes. */
  readonly isHealthy: (target: string) => boolean;
  /** How long an execution may take: no limit is over before. Milliseconds. */
  readonly executingMs: number;
  /** Told of each end that says what is not so. */
  readonly broken: (violation: Violation) => void;
  /** Who has lost what it needs may have failed for no reason of its own; a replica whose clock has jumped may take for overdue what is not. */
  readonly touched: Pick<Touched, "remediation" | "clocks">;
}

/** The API tells when a Job began and ended to the second. */
const SECOND_MS = 1000;

/**
 * Whether what people are told at the end of a remediation is so, by what really ran, when Jobs ended, what analysis and assessment said and
 * how the target is; and whether what runs is what the analysis wants. It asks nothing of the product's own rules.
 */
export class Endings {
  readonly #deps: EndingsDeps;
  /** By uid of the RemediationRequest that they are of, gone ones too. */
  readonly #analyses = new Map<string, AIAnalysis>();
  /** The same. */
  readonly #assessments = new Map<string, EffectivenessAssessment>();
  /** By uid, gone ones too. */
  readonly #executions = new Map<string, WorkflowExecution>();
  /** When a Job completed, by its uid. */
  readonly #completedMs = new Map<string, number>();
  /** Uids of RemediationRequests that ended Remediated. */
  readonly #remediated = new Set<string>();
  #judgedRuns = 0;

  constructor(deps: EndingsDeps) {
    this.#deps = deps;
  }

  onChange({ type, object, previous }: ObjectChange): void {
    if (type === "DELETED") return;
    // The store hands out what it keeps; each kind has its own type.
    const after = object as unknown as KubeObject;
    switch (after.kind) {
      case "AIAnalysis":
        this.#analyses.set(controllerOf(after)?.uid ?? "", after as AIAnalysis);
        break;
      case "EffectivenessAssessment":
        this.#assessments.set(controllerOf(after)?.uid ?? "", after as EffectivenessAssessment);
        break;
      case "WorkflowExecution":
        this.#executions.set(after.metadata.uid, after as WorkflowExecution);
        break;
      case "Job":
        if (finalConditionOf(after as Job)?.type === "Complete" && !this.#completedMs.has(after.metadata.uid)) this.#completedMs.set(after.metadata.uid, this.#deps.nowMs());
        break;
      case "RemediationRequest":
        this.#onRequest(after as RemediationRequest, previous as unknown as RemediationRequest | undefined);
    }
  }

  /** Each run is judged once, as it begins: nothing runs that its analysis does not want, or not yet. */
  onRuns(ledger: readonly LedgerEntry[]): void {
    for (const { podName, env } of ledger.slice(this.#judgedRuns)) {
      this.#judgedRuns++;
      const analysis = this.#analyses.get(env["RO_RUN_ID"] ?? "")?.status;
      if (!mayRun(analysis)) this.#deps.broken({ invariant: "status", what: `${podName} runs, but its analysis ${analysis ? "does not allow it" : "was never made"}` });
    }
  }

  #onRequest(after: RemediationRequest, before: RemediationRequest | undefined): void {
    const phase = after.status?.overallPhase;
    if (phase === before?.status?.overallPhase) return;
    const untrue = this.#untruth(after);
    if (untrue !== undefined) this.#deps.broken({ invariant: "status", what: `${after.metadata.name} is ${phase} (${after.status?.completionStatus?.outcome ?? after.status?.message ?? ""}), but ${untrue}` });
    if (phase === "Completed" && after.status?.completionStatus?.outcome === "Remediated") this.#remediated.add(after.metadata.uid);
  }

  /** What is not so about an end; undefined when it is true, or none. */
  #untruth(rr: RemediationRequest): string | undefined {
    switch (rr.status?.overallPhase) {
      case "Completed":
        return this.#untrueCompletion(rr);
      case "Failed":
        return this.#deps.touched.remediation(rr.metadata.uid) || this.#deps.touched.clocks || this.#analysisOf(rr)?.phase === "Failed" || this.#exitCodes(rr).some((code) => code !== 0) ? undefined : "nothing of it has failed";
      case "TimedOut":
        return this.#deps.touched.clocks || this.#isOverdue(rr) ? undefined : "no limit is over yet";
      default:
        return undefined;
    }
  }

  /** Its execution says until when it may take, which is no sooner than the limit after the alert; and that is over, by the second in which its Job began. */
  #isOverdue({ spec, status }: RemediationRequest): boolean {
    const dueMs = Date.parse(this.#executions.get(status?.phaseProgress?.workflowExecutionRef?.uid ?? "")?.spec.timesOutAt ?? "");
    return Date.parse(spec.receivedTime) + this.#deps.executingMs <= dueMs && dueMs <= this.#deps.nowMs() + SECOND_MS;
  }

  #untrueCompletion(rr: RemediationRequest): string | undefined {
    const { completionStatus, routingStatus } = rr.status ?? {};
    switch (completionStatus?.outcome) {
      case "Remediated":
        return routingStatus?.deduplicatedByWE === undefined ? this.#notCured(rr) : this.#notCovered(rr, routingStatus.deduplicatedByWE);
      case "Inconclusive":
        return this.#notRun(rr) ?? (this.#isHealthy(rr) ? "its target is healthy" : this.#notAssessed(rr, 0));
      case "VerificationTimedOut":
        return this.#notRun(rr) ?? (this.#deps.touched.clocks ? undefined : "no limit is over yet");
      case "NoActionRequired":
        return this.#ran(rr) ?? (this.#analysisOf(rr)?.reason === "WorkflowNotNeeded" ? undefined : "its analysis does not say so");
      case "ManualReviewRequired":
        return this.#ran(rr) ?? (this.#wantsHuman(rr) ? undefined : "its analysis does not say so");
      default:
        return "that is no end that it can come to here";
    }
  }

  #notCured(rr: RemediationRequest): string | undefined {
    return this.#notRun(rr) ?? (this.#isHealthy(rr) ? this.#notAssessed(rr, 1) : "its target is not healthy");
  }

  /** The one who assesses here gives a target that is healthy a 1, and one that is not a 0. */
  #notAssessed({ metadata }: RemediationRequest, healthScore: 0 | 1): string | undefined {
    const { phase, components } = this.#assessments.get(metadata.uid)?.status ?? {};
    if (phase !== "Completed") return "its effect has not been assessed yet";
    return components?.healthScore === healthScore ? undefined : "its assessment does not say so";
  }

  #notRun(rr: RemediationRequest): string | undefined {
    return this.#exitCodes(rr).includes(0) ? undefined : "no workflow of it ran to a good end";
  }

  #ran(rr: RemediationRequest): string | undefined {
    return this.#exitCodes(rr).length === 0 ? undefined : "a workflow of it has run";
  }

  /** Some execution of that name cured the same thing in the same way, after this one's signal had come. */
  #notCovered(rr: RemediationRequest, name: string): string | undefined {
    const namesakes = [...this.#executions.values()].filter(({ metadata }) => metadata.name === name);
    const reasons = namesakes.map((execution) => this.#whyNoCover(rr, execution));
    return reasons.includes(undefined) ? this.#ran(rr) : (reasons.at(-1) ?? `there never was a ${name}`);
  }

  #whyNoCover(rr: RemediationRequest, { metadata, spec, status }: WorkflowExecution): string | undefined {
    const owner = metadata.ownerReferences?.find(({ controller }) => controller)?.uid ?? "";
    const selected = this.#analysisOf(rr)?.rcaResult?.selectedWorkflow?.workflowId;
    if (lockKey(spec.clusterID, spec.targetResource) !== lockKey(rr.spec.clusterID, targetString(rr.spec.targetResource))) return `${metadata.name} was for ${spec.targetResource}`;
    if (spec.workflowRef.workflowId !== selected) return `${metadata.name} ran ${spec.workflowRef.workflowId}, not ${selected}`;
    if (!this.#remediated.has(owner)) return `${metadata.name} cured nothing`;
    const completedMs = this.#completedMs.get(status?.executionRef?.uid ?? "") ?? 0;
    return completedMs + SECOND_MS > Date.parse(rr.spec.receivedTime) ? undefined : `${metadata.name} had completed before its signal came`;
  }

  #analysisOf({ metadata }: RemediationRequest): AIAnalysis["status"] {
    return this.#analyses.get(metadata.uid)?.status;
  }

  #wantsHuman(rr: RemediationRequest): boolean {
    const analysis = this.#analysisOf(rr);
    return analysis?.phase === "Completed" && analysis.reason !== "WorkflowNotNeeded" && !mayRun(analysis);
  }

  #isHealthy({ spec }: RemediationRequest): boolean {
    return this.#deps.isHealthy(targetString(spec.targetResource));
  }

  /** How the workflows ended that ran for it. */
  #exitCodes({ metadata }: RemediationRequest): readonly number[] {
    return this.#deps.ledger().flatMap(({ env, exitCode }) => (env["RO_RUN_ID"] === metadata.uid && exitCode !== undefined ? [exitCode] : []));
  }
}

/** Whether an analysis wants a workflow run, and nobody has to look at it before. */
function mayRun(analysis: AIAnalysis["status"]): boolean {
  if (analysis?.phase !== "Completed" || analysis.rcaResult?.selectedWorkflow === undefined) return false;
  return analysis.review?.needsHumanReview !== true && analysis.approval?.approvalRequired !== true;
}
