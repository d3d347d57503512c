import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { aiAnalysisName } from "../../../src/api/child-names.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { LOCK_LABEL } from "../../../src/locking/lease-marks.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";

const ROUNDS = 10;
/** Membership is no part of a remediation: it is what a replica costs by the hour. */
const WRITES = ["create", "update", "patch", "delete"];

/** One remediation after the other, with nothing in their way: what each costs and how long it takes. */
export function straightRoadSuite(name: string, startApi: () => Promise<TestApi>): void {
  describe(`a remediation with nothing in its way (${name})`, () => {
    for (const replicas of [1, 3]) {
      it(`costs at most 24 writes with ${replicas} replica${replicas > 1 ? "s" : ""}, and leaves no lock behind`, async (t) => {
        await using api = await startApi();
        await using cluster = await testCluster(api);
        await cluster.workflow("restart");
        for (let at = 0; at < replicas; at++) await cluster.startReplica(`replica-${at}`);
        await using watched = await watchNamespace(cluster.client, cluster.namespace);
        await membershipSettled(cluster, replicas);
        const before = cluster.requests.length;
        const times = await oneAfterTheOther(cluster, watched);
        const writes = cluster.requests.slice(before).filter(({ verb, kind }) => WRITES.includes(verb) && kind !== "SelfSubjectAccessReview");
        const renewals = writes.filter(({ verb, kind, status }) => verb === "update" && kind === "Lease" && status === 200).length;
        const each = (writes.length - renewals) / ROUNDS;
        const refused = writes.filter(({ status }) => status >= 400).length;
        t.diagnostic(`${name}, ${replicas} replica(s): ${each.toFixed(1)} writes a remediation, ${refused} of ${writes.length} refused; RR to WFE median ${middle(times.rrToWfe)} ms, analysis to WFE median ${middle(times.analysisToWfe)} ms`);
        assert.ok(each <= 24, `${each} writes a remediation`);
        assert.equal(cluster.ledger().length, ROUNDS);
        assert.deepEqual((await cluster.client.list(kinds.Lease, { namespace: cluster.namespace, labelSelector: LOCK_LABEL })).items, []);
      });
    }
  });
}

async function membershipSettled({ client, namespace }: TestCluster, replicas: number): Promise<void> {
  while ((await client.list(kinds.Lease, { namespace, labelSelector: "kubernaut.ai/member" })).items.length < replicas) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Each waits for the one before, and is received after it was cured, so that none is covered. */
async function oneAfterTheOther(cluster: TestCluster, watched: Watched): Promise<{ readonly rrToWfe: readonly number[]; readonly analysisToWfe: readonly number[] }> {
  const rrToWfe: number[] = [];
  const analysisToWfe: number[] = [];
  const analysed = await analysesDone(cluster);
  for (let round = 0; round < ROUNDS; round++) {
    const name = `rr-${round}`;
    await cluster.alert(name);
    await watched.until(`${name} ended`, () => watched.latest().some(({ metadata, status }) => metadata.name === name && status?.completedAt !== undefined));
    const rr = watched.latest().find(({ metadata }) => metadata.name === name);
    assert.equal(rr?.status?.completionStatus?.outcome, "Remediated");
    const born = watched.requests.find(({ object }) => object.metadata.name === name);
    const execution = watched.executions.find(({ object }) => object.spec.remediationRequestRef.name === name);
    assert.ok(born && execution);
    rrToWfe.push(execution.atMs - born.atMs);
    const doneAtMs = analysed.get(aiAnalysisName(name));
    if (doneAtMs !== undefined) analysisToWfe.push(execution.atMs - doneAtMs);
  }
  analysed.stop();
  return { rrToWfe, analysisToWfe };
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
  return (values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN).toFixed(0);
}
