import { notificationRequestName, workflowExecutionName } from "../api/child-names.ts";
import { kinds } from "../api/kinds.ts";
import type { NotificationRequest } from "../api/notification-request.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import { epochMsOf } from "../api/timestamp.ts";
import { isTerminalExecution } from "../api/workflow-execution.ts";
import type { CacheReader } from "../cache/ports.ts";
import { done, waitFor, type ReconcileContext, type Result } from "../controller/ports.ts";
import type { Clock } from "../lib/clock.ts";
import { exactDelete } from "../kube/compare-and-swap.ts";
import type { Reader, Writer } from "../kube/ports.ts";
import { isChildOf, type Children } from "./children.ts";
import { notificationRequestFor } from "./creators/notification-request.ts";
import { noticeOf } from "./notice.ts";
import type { RemediationSettings } from "./settings.ts";

export interface AfterEndDeps {
  readonly client: Reader & Writer;
  readonly children: Children;
  readonly notifications: CacheReader<NotificationRequest>;
  readonly clock: Clock;
  readonly settings: RemediationSettings;
}

/** What is left to do about a RemediationRequest that has ended: tell people once, and delete it when its time is up. */
export function createAfterEnd(deps: AfterEndDeps): (rr: RemediationRequest, context: ReconcileContext) => Promise<Result> {
  return async (rr, context) => {
    await notify(deps, rr, context);
    const expiryMs = epochMsOf(rr.status?.retentionExpiryTime);
    if (expiryMs === undefined) return done;
    const leftMs = expiryMs - deps.clock.now();
    return leftMs > 0 ? waitFor(leftMs) : retire(deps, rr, context);
  };
}

async function notify({ children, notifications, settings }: AfterEndDeps, rr: RemediationRequest, { signal, log }: ReconcileContext): Promise<void> {
  const notice = noticeOf(rr, settings);
  const referred = rr.status?.completionStatus?.notificationRequestRefs ?? [];
  if (!notice) return;
  const name = notificationRequestName(notice.why, rr.metadata.name);
  // Only a reference that the end itself has written is a promise to keep: what another orchestrator ended, it has told.
  if (!referred.some((reference) => reference.name === name)) return;
  if (await children.find(kinds.NotificationRequest, notifications, name, rr, { signal })) return;
  const ensured = await children.ensure(kinds.NotificationRequest, notificationRequestFor(rr, notice), rr, { signal });
  if (ensured.kind === "refused") log.error("the API server refuses a notification, nobody is told", { notification: name, detail: ensured.message });
}

/** Retention: never while its WorkflowExecution is not finished. */
async function retire({ client, settings }: AfterEndDeps, rr: RemediationRequest, { signal }: ReconcileContext): Promise<Result> {
  const key = { namespace: rr.metadata.namespace ?? "", name: workflowExecutionName(rr.metadata.name) };
  const execution = await client.get(kinds.WorkflowExecution, key, { signal });
  if (execution && isChildOf(execution, rr) && !isTerminalExecution(execution)) return waitFor(settings.safetyPollMs);
  await exactDelete(client, kinds.RemediationRequest, rr, { signal });
  return done;
}
