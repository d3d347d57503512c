import type { AIAnalysis } from "../../src/api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../src/api/effectiveness-assessment.ts";
import type { KindInfo } from "../../src/api/kind.ts";
import { kinds } from "../../src/api/kinds.ts";
import type { KubeObject } from "../../src/api/object.ts";
import type { SignalProcessing } from "../../src/api/signal-processing.ts";
import { timestamp } from "../../src/api/timestamp.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import { isNotThatObject } from "../../src/kube/kube-error.ts";
import type { TestCluster } from "./cluster.ts";
import { eventually } from "./eventually.ts";

/** Somebody else's controllers, played by hand: each waits for its object and writes its status. */
export interface Neighbours {
  processed(request: string): Promise<SignalProcessing>;
  /** Chooses a workflow for the engine `tekton`, which nobody of ours runs. */
  analysed(request: string): Promise<AIAnalysis>;
  running(request: string): Promise<WorkflowExecution>;
  completed(request: string): Promise<WorkflowExecution>;
  assessed(request: string): Promise<EffectivenessAssessment>;
}

/** Neighbours in a test's namespace. */
export function neighbours({ client, namespace }: Pick<TestCluster, "client" | "namespace">): Neighbours {
  const write = async <T extends KubeObject & { readonly status?: object }>(kind: KindInfo<T>, name: string, status: NonNullable<T["status"]>): Promise<T> => {
    const written: T[] = [];
    await eventually(`${name} is there and took its status`, async () => {
      const object = await client.get(kind, { namespace, name });
      if (!object) return false;
      try {
        written.push(await client.replaceStatus(kind, { ...object, status: { ...object.status, ...status } }));
      } catch (error) {
        if (!isNotThatObject(error)) throw error;
      }
      return written.length > 0;
    });
    const [first] = written;
    if (!first) throw new Error(`${name} was not written`);
    return first;
  };
  return {
    processed: (request) => write(kinds.SignalProcessing, `sp-${request}`, { phase: "Completed", environmentClassification: { environment: "Production", classifiedAt: now(), source: "by hand" }, priorityAssignment: { priority: "P1", assignedAt: now(), source: "by hand" } }),
    analysed: (request) => write(kinds.AIAnalysis, `ai-${request}`, analysis(namespace)),
    running: (request) => write(kinds.WorkflowExecution, `we-${request}`, { phase: "Running", startTime: now(), executionRef: { name: `run-${request}` } }),
    completed: (request) => write(kinds.WorkflowExecution, `we-${request}`, { phase: "Completed", completionTime: now() }),
    assessed: (request) => write(kinds.EffectivenessAssessment, `ea-${request}`, { phase: "Completed", assessmentReason: "Full", completedAt: now(), components: { healthAssessed: true, healthScore: 1 } }),
  };
}

function analysis(namespace: string): NonNullable<AIAnalysis["status"]> {
  const workflow = { workflowId: "restart", workflowName: "restart", actionType: "RestartDeployment", version: "1.0.0", executionBundle: "example.com/restart:1.0.0", executionEngine: "tekton" } as const;
  return {
    phase: "Completed",
    reason: "AnalysisCompleted",
    completedAt: now(),
    rcaResult: {
      rootCauseAnalysis: { summary: "crash loop", severity: "critical", signalType: "alert", remediationTarget: { apiVersion: "apps/v1", kind: "Deployment", name: "checkout", namespace } },
      selectedWorkflow: { ...workflow, confidence: 0.95, rationale: "it fits" },
    },
  };
}

function now(): string {
  return timestamp(Date.now());
}
