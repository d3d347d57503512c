import { notificationRequestName } from "../../api/child-names.ts";
import type { NotificationPriority, NotificationRequest, NotificationType } from "../../api/notification-request.ts";
import type { Draft } from "../../api/object.ts";
import type { RemediationRequest } from "../../api/remediation-request.ts";
import { childMeta, referenceTo } from "./owned-by.ts";

/** What a person is to be told, and why: `why` becomes part of the name, so that one reason is told once. */
export interface Notice {
  readonly why: "completion" | "failed" | "timedout" | "manual-review";
  readonly type: NotificationType;
  readonly priority: NotificationPriority;
  readonly subject: string;
  readonly body: string;
}

const SUBJECT_MAX = 500;

/** The message to people about `rr`. The subject is cut to the 500 characters that the API takes. */
export function notificationRequestFor(rr: RemediationRequest, notice: Notice): Draft<NotificationRequest> {
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "NotificationRequest",
    metadata: childMeta(rr, notificationRequestName(notice.why, rr.metadata.name)),
    spec: {
      remediationRequestRef: referenceTo(rr),
      type: notice.type,
      priority: notice.priority,
      severity: rr.spec.severity,
      subject: notice.subject.slice(0, SUBJECT_MAX),
      body: notice.body,
    },
  };
}
