import type { Event } from "../../api/event.ts";
import { kinds } from "../../api/kinds.ts";
import { microTime } from "../../api/lease.ts";
import type { NotificationRequest, NotificationRequestStatus } from "../../api/notification-request.ts";
import { parseKey, type Draft } from "../../api/object.ts";
import { timestamp } from "../../api/timestamp.ts";
import type { CacheReader } from "../../cache/ports.ts";
import { done, type Reconciler } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import { casStatus } from "../../kube/compare-and-swap.ts";
import { isKubeError } from "../../kube/kube-error.ts";
import type { Writer } from "../../kube/ports.ts";

export interface NotificationDeps {
  readonly client: Writer;
  readonly notifications: CacheReader<NotificationRequest>;
  readonly clock: Clock;
  readonly identity: string;
}

const MESSAGE_MAX = 1000;

/** Delivers each NotificationRequest once to the two channels that every cluster has: an Event on the remediation, and the log. */
export function createNotificationReconciler(deps: NotificationDeps): Reconciler {
  return async (key, { signal, log }) => {
    const notification = deps.notifications.get(parseKey(key));
    if (!notification || notification.metadata.deletionTimestamp || isDelivered(notification)) return done;
    const nowMs = deps.clock.now();
    try {
      await deps.client.create(kinds.Event, eventFor(notification, deps.identity, nowMs), { signal });
    } catch (error) {
      // The Event's name is the notification's uid: it was told before, by us or by another replica.
      if (!isKubeError(error, "AlreadyExists")) throw error;
    }
    const written = await casStatus(deps.client, kinds.NotificationRequest, { ...notification, status: sent(notification, nowMs) }, { signal });
    if (written.kind === "written") log.info("notification", { subject: notification.spec.subject, priority: notification.spec.priority, rr: notification.spec.remediationRequestRef?.name });
    return done;
  };
}

function isDelivered({ status }: NotificationRequest): boolean {
  return status?.phase === "Sent" || status?.phase === "PartiallySent" || status?.phase === "Failed";
}

function eventFor({ metadata, spec, apiVersion, kind }: NotificationRequest, identity: string, nowMs: number): Draft<Event> {
  const namespace = metadata.namespace ?? "";
  const about = spec.remediationRequestRef ?? { apiVersion, kind, namespace, name: metadata.name, uid: metadata.uid };
  return {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name: `notification.${metadata.uid}`, namespace },
    involvedObject: { ...about, namespace },
    type: spec.priority === "Critical" || spec.priority === "High" ? "Warning" : "Normal",
    reason: `Notification${spec.type}`,
    message: spec.subject.slice(0, MESSAGE_MAX),
    count: 1,
    firstTimestamp: timestamp(nowMs).replace(/\.\d+Z$/, "Z"),
    lastTimestamp: timestamp(nowMs).replace(/\.\d+Z$/, "Z"),
    eventTime: microTime(nowMs),
    action: "Notify",
    source: { component: "remediation-orchestrator" },
    reportingComponent: "remediation-orchestrator",
    reportingInstance: identity.slice(0, 128),
  };
}

function sent({ status }: NotificationRequest, nowMs: number): NotificationRequestStatus {
  const at = timestamp(nowMs);
  return {
    ...status,
    phase: "Sent",
    queuedAt: at,
    processingStartedAt: at,
    completionTime: at,
    totalAttempts: 1,
    successfulDeliveries: 1,
    failedDeliveries: 0,
    deliveryAttempts: [{ channel: "kubernetes-event", attempt: 1, timestamp: at, status: "success" }],
  };
}
