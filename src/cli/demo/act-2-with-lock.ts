import type { RemediationRequest } from "../../api/remediation-request.ts";
import { isTerminalExecution } from "../../api/workflow-execution.ts";
import { systemClock } from "../../lib/clock.ts";
import { claim, median } from "./claim.ts";
import { observe, type Observer } from "./observer.ts";
import { heading, LiveTable, observed, type Screen } from "./screen.ts";
import { alert, mostAtOnce, NAMES, NAMESPACE, workflow, type Stage } from "./stage.ts";

const ALERTS = 10;
const WITHIN_MS = 30_000;

/** The same storm with three replicas: one cure for all, then ten cures one after the other. */
export async function withLock(stage: Stage, screen: Screen): Promise<void> {
  heading(screen, 2, "With it: claim, fence, resume");
  workflow(stage, "restart", 1500);
  for (let at = 1; at <= ALERTS; at++) workflow(stage, `cure-${at}`, 150, `Illness${at}`);
  await Promise.all(NAMES.replicas.map((name) => stage.startReplica(name)));
  await oneCureForAll(stage, screen);
  await oneAfterTheOther(stage, screen);
}

async function storm(stage: Stage, screen: Screen, observer: Observer, prefix: string, target: string, signalOf: (at: number) => string): Promise<readonly RemediationRequest[]> {
  const ours = (): readonly RemediationRequest[] => [...observer.requests.values()].filter(({ metadata }) => metadata.name.startsWith(prefix));
  const live = new LiveTable(screen, () => systemClock.monotonic());
  const stop = observer.onChange(() => live.show(ours()));
  for (let at = 1; at <= ALERTS; at++) alert(stage, NAMESPACE, `${prefix}${at}`, target, signalOf(at));
  await observer.until(`all ${ALERTS} remediations ended`, WITHIN_MS, () => ours().length === ALERTS && ours().every(({ status }) => status?.completedAt !== undefined));
  stop();
  live.end(ours());
  return ours();
}

async function oneCureForAll(stage: Stage, screen: Screen): Promise<void> {
  using observer = observe(stage.local, NAMESPACE);
  const sinceMs = Date.now();
  screen.write(`   3 replicas, ${ALERTS} alerts at once on Deployment shop/checkout, one workflow cures them all:\n`);
  const requests = await storm(stage, screen, observer, "rr-", "checkout", () => "KubePodCrashLooping");
  const blocked = new Set(observer.requestHistory.filter(({ object }) => object.status?.routingStatus?.blockReason === "ResourceBusy" && object.status.routingStatus.blockingWorkflowExecution).map(({ object }) => object.metadata.name));
  const created = observer.executions.filter(({ type }) => type === "ADDED").length;
  const { runs, atOnce } = mostAtOnce(stage, NAMESPACE, sinceMs);
  claim(created === 1 && runs === 1 && atOnce === 1, `that exactly one workflow was made and ran (${created} made, ${runs} ran)`);
  claim(blocked.size === ALERTS - 1, `that ${ALERTS - 1} were ResourceBusy with the blocker named (${blocked.size} were)`);
  claim(requests.every(({ status }) => status?.completionStatus?.outcome === "Remediated"), "that all ended Remediated");
  observed(screen, `1 workflow ran, ${blocked.size} waited as ResourceBusy, and when it was verified all ${ALERTS} ended Remediated`);
}

async function oneAfterTheOther(stage: Stage, screen: Screen): Promise<void> {
  using observer = observe(stage.local, NAMESPACE);
  const sinceMs = Date.now();
  screen.write(`\n   ${ALERTS} alerts on Deployment shop/cart that need a workflow each:\n`);
  const requests = await storm(stage, screen, observer, "ill-", "cart", (at) => `Illness${at}`);
  const { runs, atOnce } = mostAtOnce(stage, NAMESPACE, sinceMs);
  claim(runs === ALERTS && atOnce === 1, `that ${ALERTS} workflows ran one after the other (${runs} ran, ${atOnce} at once)`);
  claim(requests.every(({ status }) => status?.completionStatus?.outcome === "Remediated"), "that all ended Remediated");
  const { most, handOffsMs } = executionsInOrder(observer);
  claim(most === 1, `that never two WorkflowExecutions were unfinished (${most} were)`);
  const { median: middle, max } = median(handOffsMs);
  observed(screen, `${runs} workflows, never two at once; from one's end to the next one's creation: median ${middle.toFixed(0)} ms, at most ${max.toFixed(0)} ms`);
}

/** In the order of the API server's own writes: how many executions were unfinished at once, and each end to the next creation. */
function executionsInOrder({ executions }: Observer): { readonly most: number; readonly handOffsMs: readonly number[] } {
  const unfinished = new Set<string>();
  const handOffsMs: number[] = [];
  let most = 0;
  let endedAtMs: number | undefined;
  for (const { type, object, atMs } of executions) {
    const { uid, deletionTimestamp } = object.metadata;
    if (isTerminalExecution(object) || type === "DELETED" || deletionTimestamp) {
      if (unfinished.delete(uid)) endedAtMs = atMs;
    } else if (!unfinished.has(uid)) {
      unfinished.add(uid);
      if (endedAtMs !== undefined) handOffsMs.push(atMs - endedAtMs);
    }
    most = Math.max(most, unfinished.size);
  }
  return { most, handOffsMs };
}
