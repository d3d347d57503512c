import type { SelectedWorkflow, SignalContext } from "../../api/ai-analysis.ts";
import type { RemediationWorkflow, WorkflowParameter } from "../../api/remediation-workflow.ts";

/** The catalog's answer to a signal: a workflow and why, or why there is none. */
export type Choice = { readonly kind: "chosen"; readonly workflow: SelectedWorkflow } | { readonly kind: "none"; readonly because: string };

const ANY = "*";
/** Confidence when every label names the signal's value, and what each `*` takes off. */
const FULL_CONFIDENCE = 0.95;
const PER_WILDCARD = 0.05;

interface Match {
  readonly entry: RemediationWorkflow;
  /** Labels that name the signal's value rather than anything. */
  readonly exact: number;
  readonly reasons: readonly string[];
}

/** The entry whose labels fit most exactly; among equals the first by name. Pure: the same catalog and signal give the same choice. */
export function chooseWorkflow(catalog: readonly RemediationWorkflow[], signal: SignalContext): Choice {
  const matches = catalog.map((entry) => matchOf(entry, signal)).filter((match) => match !== undefined);
  const [best] = matches.toSorted((a, b) => b.exact - a.exact || (a.entry.metadata.name < b.entry.metadata.name ? -1 : 1));
  if (!best) return { kind: "none", because: `None of the ${catalog.length} workflows of the catalog fits ${signal.targetResource.kind}, ${signal.environment}, ${signal.severity}, ${signal.businessPriority}.` };
  const parameters = parametersOf(best.entry, signal);
  if ("missing" in parameters) return { kind: "none", because: `Workflow ${best.entry.metadata.name} fits, but its parameter ${parameters.missing} has no value.` };
  return { kind: "chosen", workflow: selected(best, parameters.values) };
}

/** How an entry fits a signal; undefined when one of its labels does not. */
function matchOf(entry: RemediationWorkflow, signal: SignalContext): Match | undefined {
  const { labels, customLabels = {} } = entry.spec;
  const asked: readonly (readonly [string, readonly string[], string])[] = [
    ["component", labels.component, signal.targetResource.kind],
    ["environment", labels.environment, signal.environment],
    ["severity", labels.severity, signal.severity],
    ["priority", labels.priority.split(",").map((word) => word.trim()), signal.businessPriority],
    ...(labels.cluster ? [["cluster", labels.cluster, signal.cluster ?? ""] as const] : []),
    ...Object.entries(customLabels).map(([name, value]) => [name, [value], customValue(signal, name)] as const),
  ];
  const reasons: string[] = [];
  for (const [name, accepted, value] of asked) {
    if (accepted.some((word) => word.toLowerCase() === value.toLowerCase())) reasons.push(`${name} ${value}`);
    else if (!accepted.includes(ANY)) return undefined;
  }
  return { entry, exact: reasons.length, reasons };
}

/** `signalName` is the signal's name; any other custom label is asked of the signal's annotations. */
function customValue(signal: SignalContext, name: string): string {
  return name === "signalName" ? signal.signalName : (signal.signalAnnotations?.[name] ?? "");
}

function parametersOf(entry: RemediationWorkflow, signal: SignalContext): { readonly values: Readonly<Record<string, string>> } | { readonly missing: string } {
  const values: Record<string, string> = {};
  for (const parameter of entry.spec.parameters) {
    const value = valueOf(parameter, signal);
    if (value !== undefined) values[parameter.name] = value;
    else if (parameter.required) return { missing: parameter.name };
  }
  return { values };
}

function valueOf(parameter: WorkflowParameter, signal: SignalContext): string | undefined {
  const known: Readonly<Record<string, string | undefined>> = {
    TARGET_KIND: signal.targetResource.kind,
    TARGET_NAME: signal.targetResource.name,
    TARGET_NAMESPACE: signal.targetResource.namespace ?? "",
    SIGNAL_NAME: signal.signalName,
    SEVERITY: signal.severity,
  };
  const value = known[parameter.name];
  if (value !== undefined) return value;
  const fallback = parameter.default;
  if (fallback === undefined || fallback === null) return undefined;
  return typeof fallback === "string" ? fallback : JSON.stringify(fallback);
}

function selected({ entry, exact, reasons }: Match, parameters: Readonly<Record<string, string>>): SelectedWorkflow {
  const { spec, metadata, status } = entry;
  const wildcards = 4 + Object.keys(spec.customLabels ?? {}).length + (spec.labels.cluster ? 1 : 0) - exact;
  return {
    workflowId: status?.workflowId ?? metadata.uid,
    workflowName: metadata.name,
    actionType: spec.actionType,
    version: spec.version,
    executionBundle: spec.execution.bundle ?? "",
    executionEngine: spec.execution.engine ?? "job",
    confidence: Math.round((FULL_CONFIDENCE - PER_WILDCARD * wildcards) * 100) / 100,
    rationale: `${metadata.name}: ${spec.description.what} Chosen for ${reasons.length > 0 ? reasons.join(", ") : "any signal"}.`,
    parameters,
    ...(spec.execution.bundleDigest ? { executionBundleDigest: spec.execution.bundleDigest } : {}),
    ...(spec.execution.engineConfig === undefined ? {} : { engineConfig: spec.execution.engineConfig }),
    ...(spec.execution.serviceAccountName ? { serviceAccountName: spec.execution.serviceAccountName } : {}),
    ...(spec.dependencies ? { dependencies: spec.dependencies } : {}),
  };
}
