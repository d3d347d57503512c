import type { AIAnalysis } from "../../api/ai-analysis.ts";
import type { EffectivenessAssessment } from "../../api/effectiveness-assessment.ts";
import type { Lease } from "../../api/lease.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import type { SignalProcessing } from "../../api/signal-processing.ts";
import type { WorkflowExecution } from "../../api/workflow-execution.ts";
import type { CacheReader } from "../../cache/ports.ts";
import type { ReconcileContext } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import type { Reader, Writer } from "../../kube/ports.ts";
import type { Claims } from "../../locking/ports.ts";
import type { Children } from "../children.ts";
import type { Launch, LaunchPlan } from "../launch-workflow.ts";
import type { ExecutionsOn } from "../routing/busy-check.ts";
import type { Check } from "../routing/ports.ts";
import type { RemediationSettings } from "../settings.ts";
import type { Outcome } from "./outcome.ts";
import type { PhaseOrNew } from "./transitions.ts";

/** The local copies that the phases look into. */
export interface RemediationCaches {
  readonly remediationRequests: CacheReader<RemediationRequest>;
  readonly signalProcessings: CacheReader<SignalProcessing>;
  readonly aiAnalyses: CacheReader<AIAnalysis>;
  readonly workflowExecutions: CacheReader<WorkflowExecution>;
  readonly effectivenessAssessments: CacheReader<EffectivenessAssessment>;
  readonly executionsOn: ExecutionsOn;
  /** Claims on a target, by its `lockKey`. */
  readonly claimsOn: (targetKey: string) => readonly Lease[];
}

/** What a phase may use. */
export interface PhaseDeps {
  readonly client: Reader & Writer;
  readonly caches: RemediationCaches;
  readonly children: Children;
  readonly claims: Claims;
  /** The rule that looks for a cure which came about without this remediation. */
  readonly covered: Check;
  readonly launch: (rr: RemediationRequest, plan: LaunchPlan, options: { readonly signal: AbortSignal }) => Promise<Launch>;
  readonly clock: Clock;
  readonly settings: RemediationSettings;
}

/** What is done about a RemediationRequest in phase `P`: looks, creates children, and says what its status should become. */
export type PhaseHandler<P extends PhaseOrNew> = (rr: RemediationRequest, context: ReconcileContext) => Promise<Outcome<P>>;
