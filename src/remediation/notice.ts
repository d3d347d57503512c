import type { RemediationRequest } from "../api/remediation-request.ts";
import { targetString } from "../api/target.ts";
import type { Notice } from "./creators/notification-request.ts";

/** What people are told about a remediation that has ended; undefined when it needs nobody. Pure. */
export function noticeOf(rr: RemediationRequest, settings: { readonly notifyCompletion: boolean }): Notice | undefined {
  const target = targetString(rr.status?.workflowSelection?.remediationTarget ?? rr.spec.targetResource);
  const body = `${rr.status?.message ?? ""}\n\nSignal: ${rr.spec.signalName} (${rr.spec.severity})\nTarget: ${target}\nRemediationRequest: ${rr.metadata.name}\n`;
  const subject = (what: string): string => `${what}: ${rr.spec.signalName} on ${target}`;
  switch (rr.status?.overallPhase) {
    case "Failed":
      return { why: "failed", type: "Escalation", priority: "High", subject: subject("Remediation failed"), body };
    case "TimedOut":
      return { why: "timedout", type: "Escalation", priority: "High", subject: subject("Remediation timed out"), body };
    case "Completed":
      if (rr.status.completionStatus?.requiresManualReview) return { why: "manual-review", type: "ManualReview", priority: "High", subject: subject("Manual review required"), body };
      return settings.notifyCompletion ? { why: "completion", type: "Completion", priority: "Low", subject: subject(rr.status.completionStatus?.outcome ?? "Completed"), body } : undefined;
    default:
      return undefined;
  }
}
