import type { ObjectMeta } from "./object.ts";

/** Label on a workload or its namespace: `true` puts it into our care, absent or anything else leaves it alone. */
export const MANAGED_LABEL = "kubernaut.ai/managed";

/** Annotation on a RemediationRequest that asks to stop it; see `cancellationOf`. */
export const CANCEL_ANNOTATION = "kubernaut.ai/cancel";

/** Finalizer that keeps a WorkflowExecution until it no longer runs. */
export const WORKFLOW_EXECUTION_FINALIZER = "kubernaut.ai/workflow-execution-protection";

/** Annotation on a WorkflowExecution: the fence (the claim's resourceVersion) that its workflow is handed. */
export const FENCE_ANNOTATION = "kubernaut.ai/fence";

/** Who asked to stop a RemediationRequest, and why. */
export interface Cancellation {
  readonly by: string;
  readonly why: string;
}

/**
 * The cancel request on an object, undefined when there is none. The annotation holds JSON `{"by": ..., "why": ...}`;
 * any other text is taken as the reason, by `unknown`.
 */
export function cancellationOf(object: { readonly metadata: Pick<ObjectMeta, "annotations"> }): Cancellation | undefined {
  const text = object.metadata.annotations?.[CANCEL_ANNOTATION];
  if (text === undefined) return undefined;
  const said = jsonObject(text);
  if (!said) return { by: "unknown", why: text };
  return { by: textOr(said["by"], "unknown"), why: textOr(said["why"], "") };
}

/** The annotation's value for `cancellationOf`. */
export function cancelAnnotation(cancellation: Cancellation): string {
  return JSON.stringify({ by: cancellation.by, why: cancellation.why });
}

function jsonObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    // A parsed object has string keys and values of unknown type.
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === "string" && value !== "" ? value : fallback;
}
