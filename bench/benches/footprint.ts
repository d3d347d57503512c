import { kinds } from "../../src/api/kinds.ts";
import type { RemediationRequestStatus } from "../../src/api/remediation-request.ts";
import { sum } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { addWorkflow, alertDraft, alertOn } from "../support/load.ts";
import type { ReplicaReport } from "../support/replica.ts";
import { setStage, type Stage } from "../support/stage.ts";

const ILLNESS = "Illness";
const WRITERS = 16;
const ALERTS = 10;
const IDLE_MS = 2000;
const DAY_MS = 24 * 3600_000;

/** What a replica needs when many remediations lie there. */
export const footprint: Bench = {
  name: "footprint",
  measures: `a replica process beside so many RemediationRequests that have ended: from its start to its rest, then with ${ALERTS} alerts; loop = how late timers were`,
  run,
};

async function run({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  await addWorkflow(stage.cluster, "cure", ILLNESS, 50);
  const rows: Row[] = [];
  let there = 0;
  for (const size of quick ? [0, 300] : [0, 1000, 10_000]) {
    await endedRequests(stage, there, size);
    there = size;
    rows.push(...(await beside(stage, size)));
  }
  return rows;
}

async function beside(stage: Stage, size: number): Promise<readonly Row[]> {
  const startMs = performance.now();
  const [replica] = await stage.startReplicas(1);
  if (!replica) throw new Error("no replica started");
  await using _stopping = replica;
  const atWorkMs = performance.now() - startMs;
  const first = await untilRest(replica);
  const restMs = performance.now() - startMs - IDLE_MS;
  await replica.report({ collect: true });
  const names = Array.from({ length: ALERTS }, (_, at) => `rr-new-${size}-${at}`);
  for (const name of names) await alertOn(stage.cluster, name, name, ILLNESS);
  const launched = (): boolean => names.every((name) => stage.watched.executions.some(({ object }) => object.spec.remediationRequestRef.name === name));
  await stage.watched.until("each alert has a workflow", launched, 60_000);
  const working = await replica.report({ collect: true });
  return [
    { what: `${size} ended: start`, samples: 1, figures: { ...memoryOf(first), "at work s": atWorkMs / 1000, "at rest s": restMs / 1000, "reads": requestsOf(first) } },
    { what: `${size} ended: ${ALERTS} alerts`, samples: 1, figures: { ...memoryOf(working), reads: requestsOf(working) } },
  ];
}

/** Its first look at everything: over once it has sent nothing for a while. */
async function untilRest(replica: { report(): Promise<ReplicaReport> }): Promise<ReplicaReport> {
  let all = await replica.report();
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
    const next = await replica.report();
    // Memberships are renewed for ever.
    if (requestsOf(next) <= 2) return { ...all, rssMb: next.rssMb, heapMb: next.heapMb };
    all = { ...next, requests: added(all.requests, next.requests), loop: { p50: next.loop.p50, p99: Math.max(all.loop.p99, next.loop.p99), max: Math.max(all.loop.max, next.loop.max) } };
  }
}

function added(a: ReplicaReport["requests"], b: ReplicaReport["requests"]): ReplicaReport["requests"] {
  const all: Record<string, number> = { ...a };
  for (const [name, count] of Object.entries(b)) all[name] = (all[name] ?? 0) + count;
  return all;
}

function requestsOf({ requests }: ReplicaReport): number {
  return sum(Object.values(requests));
}

function memoryOf({ rssMb, heapMb, loop }: ReplicaReport): Readonly<Record<string, number>> {
  return { "rss MB": rssMb, "heap MB": heapMb, "loop p50 ms": loop.p50, "loop p99 ms": loop.p99, "loop max ms": loop.max };
}

/** Lets the RemediationRequests from number `from` to number `to` be there, ended as remediated a moment ago. */
async function endedRequests({ cluster: { client, namespace } }: Stage, from: number, to: number): Promise<void> {
  let next = from;
  const write = async (): Promise<void> => {
    for (let at = next++; at < to; at = next++) {
      const created = await client.create(kinds.RemediationRequest, alertDraft(namespace, `rr-ended-${at}`, `target-${at}`, ILLNESS));
      await client.replaceStatus(kinds.RemediationRequest, { ...created, status: endedStatus(at) });
    }
  };
  await Promise.all(Array.from({ length: WRITERS }, write));
}

/** About as much as a real one carries. */
function endedStatus(at: number): RemediationRequestStatus {
  const now = new Date().toISOString();
  const reference = (kind: string, name: string) => ({ apiVersion: "kubernaut.ai/v1alpha1", kind, name, uid: "00000000-0000-0000-0000-000000000000" });
  const condition = (type: string) => ({ type, status: "True", reason: "Succeeded", message: `${type} of rr-ended-${at} is as it should be`, lastTransitionTime: `${now.slice(0, 19)}Z`, observedGeneration: 1 }) as const;
  return {
    overallPhase: "Completed",
    message: "The target is healthy again.",
    startTime: now,
    completedAt: now,
    retentionExpiryTime: new Date(Date.now() + DAY_MS).toISOString(),
    conditions: ["Ready", "SignalProcessingComplete", "AIAnalysisComplete", "WorkflowExecutionReady", "WorkflowExecutionComplete", "VerificationComplete"].map(condition),
    phaseProgress: { processingStartTime: now, analyzingStartTime: now, executingStartTime: now, signalProcessingRef: reference("SignalProcessing", `sp-rr-ended-${at}`), aiAnalysisRef: reference("AIAnalysis", `ai-rr-ended-${at}`), workflowExecutionRef: reference("WorkflowExecution", `we-rr-ended-${at}`) },
    completionStatus: { outcome: "Remediated" },
  };
}
