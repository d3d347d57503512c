/** Longest name that the API server takes (a DNS subdomain). */
const MAX_NAME = 253;

/** Name of a RemediationRequest's SignalProcessing. */
export function signalProcessingName(request: string): string {
  return childName("sp-", request);
}

/** Name of a RemediationRequest's AIAnalysis. */
export function aiAnalysisName(request: string): string {
  return childName("ai-", request);
}

/** Name of a RemediationRequest's RemediationApprovalRequest. */
export function approvalRequestName(request: string): string {
  return childName("rar-", request);
}

/** Name of a RemediationRequest's WorkflowExecution. */
export function workflowExecutionName(request: string): string {
  return childName("we-", request);
}

/** Name of a RemediationRequest's EffectivenessAssessment. */
export function effectivenessAssessmentName(request: string): string {
  return childName("ea-", request);
}

/** Name of a RemediationRequest's NotificationRequest, `why` in lower case: `nr-block-resourcebusy-<rr>`. */
export function notificationRequestName(why: string, request: string): string {
  const word = why.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-+|-+$/g, "").slice(0, 63);
  return childName(`nr-${word}-`, request);
}

/**
 * `<prefix><request>`. Where that is too long the request's name is cut and 16 hex digits of a hash of all of it stand at
 * the end. Two requests may then, rarely, meet on one name: children are adopted by owner uid, never by name.
 */
function childName(prefix: string, request: string): string {
  const plain = `${prefix}${request}`;
  if (plain.length <= MAX_NAME) return plain;
  const suffix = `-${fnv1a64(request)}`;
  const kept = plain.slice(0, MAX_NAME - suffix.length).replace(/[-.]+$/, "");
  return `${kept}${suffix}`;
}

/** FNV-1a, 64 bit, over the text's UTF-16 units (object names are ASCII), as 16 hex digits. */
function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (let i = 0; i < text.length; i++) hash = BigInt.asUintN(64, (hash ^ BigInt(text.charCodeAt(i))) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
