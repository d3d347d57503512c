import type { ClassifiedSeverity, Environment, SignalProcessing, SignalProcessingStatus } from "../../api/signal-processing.ts";
import { timestamp } from "../../api/timestamp.ts";

type Labels = Readonly<Record<string, string>>;

/** What is known of where a target stands: its own labels and its namespace's; undefined where it could not be found. */
export interface Surroundings {
  readonly workload: Labels | undefined;
  readonly namespace: Labels | undefined;
}

/** Labels asked for the environment, in this order; the workload's before the namespace's. */
const ENVIRONMENT_LABELS = ["kubernaut.ai/environment", "environment", "env"];
const PRIORITY_LABELS = ["kubernaut.ai/priority", "priority"];

const ENVIRONMENTS: readonly (readonly [RegExp, Environment])[] = [
  [/^prod/i, "Production"],
  [/^stag/i, "Staging"],
  [/^dev/i, "Development"],
  [/^(test|qa)/i, "Test"],
];

const SEVERITIES: readonly (readonly [RegExp, ClassifiedSeverity])[] = [
  [/^(critical|page|p0|p1|sev1)$/i, "critical"],
  [/^(high|error|p2|sev2)$/i, "high"],
  [/^(warning|warn|p3|sev3)$/i, "warning"],
  [/^(info|none|p4)$/i, "info"],
];

/** Priority where no label says it: by severity, one step lower outside production. */
const PRIORITY_OF: Readonly<Record<ClassifiedSeverity, number>> = { critical: 0, high: 1, warning: 2, info: 3, unknown: 3 };
const LOWEST_PRIORITY = 3;

/** Environment, severity and priority of a signal, each with the source that said so. Pure; the same input gives the same status. */
export function classify(processing: SignalProcessing, around: Surroundings, nowMs: number): SignalProcessingStatus {
  const { signal } = processing.spec;
  const at = timestamp(nowMs);
  const environment = environmentOf(around);
  const severity = SEVERITIES.find(([pattern]) => pattern.test(signal.severity))?.[1] ?? "unknown";
  const priority = priorityOf(around, severity, environment.value);
  return {
    ...processing.status,
    ...readAfterAll(processing.status, at),
    phase: "Completed",
    startTime: at,
    completionTime: at,
    kubernetesContext: contextOf(processing, around),
    environmentClassification: { environment: environment.value, source: environment.source, classifiedAt: at },
    priorityAssignment: { priority: priority.value, source: priority.source, assignedAt: at },
    signalClassification: { severity, signalMode: "reactive", signalName: signal.name, sourceSignalName: signal.name },
  };
}

/** That something could not be read is over when it has been. */
function readAfterAll(status: SignalProcessingStatus | undefined, at: string): Pick<SignalProcessingStatus, "conditions"> {
  if (!status?.conditions) return {};
  const over = { status: "True", reason: "EnrichmentSucceeded", message: "The surroundings were read.", lastTransitionTime: at } as const;
  return { conditions: status.conditions.map((condition) => (condition.type === "EnrichmentComplete" ? { ...condition, ...over } : condition)) };
}

function environmentOf(around: Surroundings): { readonly value: Environment; readonly source: string } {
  const said = labelled(around, ENVIRONMENT_LABELS);
  const known = said && ENVIRONMENTS.find(([pattern]) => pattern.test(said.value));
  return known ? { value: known[1], source: said.source } : { value: "Unknown", source: said?.source ?? "default" };
}

function priorityOf(around: Surroundings, severity: ClassifiedSeverity, environment: Environment): { readonly value: string; readonly source: string } {
  const said = labelled(around, PRIORITY_LABELS);
  if (said && /^P[0-3]$/i.test(said.value)) return { value: said.value.toUpperCase(), source: said.source };
  const lower = environment === "Production" ? 0 : 1;
  return { value: `P${Math.min(LOWEST_PRIORITY, PRIORITY_OF[severity] + lower)}`, source: "severity" };
}

function labelled(around: Surroundings, names: readonly string[]): { readonly value: string; readonly source: string } | undefined {
  for (const [source, labels] of [["workload-label", around.workload], ["namespace-label", around.namespace]] as const) {
    const name = names.find((candidate) => labels?.[candidate]);
    const value = name && labels?.[name];
    if (value) return { value, source };
  }
  return undefined;
}

function contextOf({ spec }: SignalProcessing, around: Surroundings): NonNullable<SignalProcessingStatus["kubernetesContext"]> {
  const { kind, name, namespace } = spec.signal.targetResource;
  return {
    ...(spec.signal.clusterID ? { clusterID: spec.signal.clusterID } : {}),
    ...(around.workload ? { workload: { kind, name, labels: around.workload } } : { degradedMode: true }),
    ...(namespace ? { namespace: { name: namespace, ...(around.namespace ? { labels: around.namespace } : {}) } } : {}),
  };
}
