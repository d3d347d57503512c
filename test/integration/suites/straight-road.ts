import assert from "node:assert/strict";
import { describe, it, type TestContext } from "node:test";
import { WORKFLOW_EXECUTION_FINALIZER } from "../../../src/api/annotations.ts";
import { aiAnalysisName } from "../../../src/api/child-names.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { LEASE_PREFIX } from "../../../src/locking/lease-name.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { eventually } from "../../support/eventually.ts";
import { intercept } from "../../support/intercept.ts";
import { noLockLeft } from "../../support/leak-check.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";

const ROUNDS = 10;
/** What a remediation writes besides its Events. */
const WRITES = 19;
/** Steps within this span are one Event: a remediation that takes longer has one more for each. */
const EVENT_SPAN_MS = 1000;
/** How far the replica's and the watch's idea of when something happened may differ. */
const SEEN_LATER_MS = 250;
const READS = ["get", "list"];

/** One remediation after the other, with nothing in their way: what each costs and how long it takes. */
export function straightRoadSuite(name: string, startApi: () => Promise<TestApi>): void {
  describe(`a remediation with nothing in its way (${name})`, () => {
    it("costs 19 writes and an Event for each second in which it moves, and leaves no lock behind", (t) => straightRoad(t, name, startApi, 1));
    it("costs no more with three replicas than with one, and leaves no lock behind", (t) => straightRoad(t, name, startApi, 3));
  });
}

async function straightRoad(t: TestContext, name: string, startApi: () => Promise<TestApi>, replicas: number): Promise<void> {
  await using api = await startApi();
  await using cluster = await testCluster(api);
  await cluster.workflow("restart");
  const added: number[] = [];
  const written: Write[] = [];
  for (let at = 0; at < replicas; at++) await cluster.startReplica(`replica-${at}`, { client: (client) => addedLatency(notesWrites(client, written), added) });
  await using watched = await watchNamespace(cluster.client, cluster.namespace);
  await membershipSettled(cluster, replicas);
  const before = written.length;
  const times = await oneAfterTheOther(cluster, watched);
  await noLockLeft(cluster);
  await watched.until("no finalizer of ours is left", () => watched.executions.filter(({ object }) => !object.metadata.finalizers?.includes(WORKFLOW_EXECUTION_FINALIZER) && object.status?.completionTime).length >= ROUNDS);
  const cost = costOf(written.slice(before));
  t.diagnostic(`${name}, ${replicas} replica(s): ${(cost.writes / ROUNDS).toFixed(1)} writes and ${(cost.events / ROUNDS).toFixed(1)} Events a remediation, ${cost.refused} refused; RR to WFE median ${middle(times.rrToWfe)} ms, analysis to WFE median ${middle(times.analysisToWfe)} ms; lock and checks P50 ${percentile(added, 0.5)} ms, P95 ${percentile(added, 0.95)} ms`);
  // A second replica that looks in vain may repeat a write that changes nothing.
  const most = replicas === 1 ? WRITES : WRITES + 1;
  assert.ok(cost.writes >= WRITES * ROUNDS && cost.writes <= most * ROUNDS, `${cost.writes / ROUNDS} writes a remediation, in all:\n${cost.told}`);
  const bursts = times.tookMs.reduce((sum, ms) => sum + 1 + Math.floor((ms + SEEN_LATER_MS) / EVENT_SPAN_MS), 0);
  assert.ok(cost.events <= bursts * replicas, `${cost.events} Events in ${bursts} seconds`);
  assert.equal(cluster.ledger().length, ROUNDS);
  assert.ok(added.length >= ROUNDS);
}

/** A write that was sent: `what` is its verb and kind, `refused` the reason where the server did not take it. */
interface Write {
  readonly what: string;
  readonly name: string;
  readonly refused: string | undefined;
}

function notesWrites(client: KubeClient, into: Write[]): KubeClient {
  return intercept(client, async ({ verb, kind, name }, send) => {
    if (READS.includes(verb) || kind === "SelfSubjectAccessReview") return send();
    const note = (refused?: string): unknown => into.push({ what: `${verb} ${kind}`, name, refused });
    try {
      const answer = await send();
      note();
      return answer;
    } catch (error) {
      note(String(error));
      throw error;
    }
  });
}

/** Notes how long each launch spent on lock and checks: from asking for the Lease to creating the WorkflowExecution. */
function addedLatency(client: KubeClient, into: number[]): KubeClient {
  let askedMs = Number.NaN;
  return intercept(client, async ({ verb, kind, name }, send) => {
    if (verb === "create" && kind === "Lease" && name.startsWith(LEASE_PREFIX)) askedMs = performance.now();
    if (verb === "create" && kind === "WorkflowExecution") into.push(performance.now() - askedMs);
    return send();
  });
}

interface Cost {
  readonly writes: number;
  readonly events: number;
  readonly refused: number;
  /** Each sort of write with how many there were, then each that was refused. */
  readonly told: string;
}

/** Membership is no part of a remediation: its renewals are what a replica costs by the hour. */
function costOf(all: readonly Write[]): Cost {
  const refused = all.filter((write) => write.refused !== undefined);
  const written = all.filter((write) => write.refused === undefined && write.what !== "replace Lease");
  const sorts = Object.entries(Object.groupBy(written, ({ what }) => what)).map(([what, some]) => `${some?.length ?? 0} ${what}`);
  const events = written.filter(({ what }) => what.endsWith(" Event")).length;
  return { writes: written.length - events, events, refused: refused.length, told: [...sorts.toSorted(), ...refused.map(({ what, name, refused: why }) => `refused: ${what} ${name}: ${why}`)].join("\n") };
}

async function membershipSettled({ client, namespace }: TestCluster, replicas: number): Promise<void> {
  await eventually("every replica is a member", async () => (await client.list(kinds.Lease, { namespace, labelSelector: "kubernaut.ai/member" })).items.length >= replicas);
}

interface Times {
  readonly rrToWfe: readonly number[];
  readonly analysisToWfe: readonly number[];
  readonly tookMs: readonly number[];
}

/** Each waits for the one before, and is received after it was cured, so that none is covered. */
async function oneAfterTheOther(cluster: TestCluster, watched: Watched): Promise<Times> {
  const rrToWfe: number[] = [];
  const analysisToWfe: number[] = [];
  const tookMs: number[] = [];
  const analysed = await analysesDone(cluster);
  for (let round = 0; round < ROUNDS; round++) {
    const name = `rr-${round}`;
    await cluster.alert(name);
    const rr = await watched.phase(name, "Completed");
    assert.equal(rr.status?.completionStatus?.outcome, "Remediated");
    const born = watched.requests.find(({ object }) => object.metadata.name === name);
    const ended = watched.requests.find(({ object }) => object.metadata.name === name && object.status?.completedAt !== undefined);
    const execution = watched.executions.find(({ object }) => object.spec.remediationRequestRef.name === name);
    assert.ok(born && ended && execution);
    tookMs.push(ended.atMs - born.atMs);
    rrToWfe.push(execution.atMs - born.atMs);
    const doneAtMs = analysed.get(aiAnalysisName(name));
    if (doneAtMs !== undefined) analysisToWfe.push(execution.atMs - doneAtMs);
  }
  analysed.stop();
  return { rrToWfe, analysisToWfe, tookMs };
}

/** When each AIAnalysis was seen Completed. */
async function analysesDone({ client, namespace }: TestCluster): Promise<{ get(name: string): number | undefined; stop(): void }> {
  const end = new AbortController();
  const seen = new Map<string, number>();
  const { resourceVersion } = await client.list(kinds.AIAnalysis, { namespace });
  const follow = async (): Promise<void> => {
    try {
      for await (const event of client.watch(kinds.AIAnalysis, { namespace, resourceVersion, timeoutSeconds: 600 }, { signal: end.signal })) {
        if (event.type !== "BOOKMARK" && event.object.status?.phase === "Completed" && !seen.has(event.object.metadata.name)) seen.set(event.object.metadata.name, performance.now());
      }
    } catch (error) {
      if (!end.signal.aborted) throw error;
    }
  };
  void follow();
  return { get: (name) => seen.get(name), stop: () => end.abort() };
}

function middle(values: readonly number[]): string {
  return percentile(values, 0.5);
}

function percentile(values: readonly number[], part: number): string {
  return (values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * part))] ?? Number.NaN).toFixed(0);
}
