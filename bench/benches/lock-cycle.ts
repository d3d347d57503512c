import { createKubeClient } from "../../src/kube/client.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import type { Transport } from "../../src/kube/transport.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { createClaims } from "../../src/locking/claims.ts";
import { noLockMetrics } from "../../src/locking/metrics.ts";
import { createProcessLocks } from "../../src/locking/process-locks.ts";
import { interleave, type Arm, type ArmTimes } from "../measure/interleave.ts";
import { median, sum } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { setStage } from "../support/stage.ts";

const AIM_RATIO = 1.15;
const AIM_REQUESTS = 2;
/** As long as a real one. */
const HOLDER = "rr/test-00000000/rr-raw/00000000-0000-0000-0000-000000000000";

/** What a free lock costs over the two writes that it consists of. */
export const lockCycle: Bench = {
  name: "lock-cycle",
  measures: "acquire + release of a free lock, against POST + DELETE of a Lease of the same form; one connection, in turn",
  run,
};

async function run({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  const { url, caPem, token } = stage.server;
  const transport = createUndiciTransport({ server: url, caPem, credentials: tokenCredentials(token), clock: systemClock, userAgent: "bench", urgentConnections: 1 });
  await using _closing = { [Symbol.asyncDispose]: () => transport.close() };
  let sent = 0;
  const client = createKubeClient({ transport, clock: systemClock, onRequest: () => void sent++ });
  const counted = { claims: 0, process: 0 };
  const counting = (name: keyof typeof counted, arm: Arm): Arm => async () => {
    const before = sent;
    await arm();
    counted[name] += sent - before;
  };
  const { namespace } = stage.cluster;
  const warmUp = quick ? 5 : 200;
  const samples = quick ? 50 : 800;
  const arms = {
    rawClaim: rawCycle(transport, namespace, "claim"),
    claims: counting("claims", claimCycle(client, namespace)),
    rawProcess: rawCycle(transport, namespace, "process"),
    process: counting("process", processCycle(client, namespace)),
  };
  const times = await interleave(arms, { warmUp, samples });
  const cycles = warmUp + samples;
  return [
    rawRow("POST + DELETE of a claim's Lease", times.rawClaim),
    lockRow("claim", times.claims, times.rawClaim, counted.claims / cycles),
    rawRow("POST + DELETE of a process-held Lease", times.rawProcess),
    lockRow("process-held lock", times.process, times.rawProcess, counted.process / cycles),
  ];
}

function rawCycle(transport: Transport, namespace: string, form: "claim" | "process"): Arm {
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`;
  const headers = { accept: "application/json", "content-type": "application/json" };
  const metadata = { name: `raw-${form}`, namespace, labels: { "kubernaut.ai/raw": form }, annotations: { "kubernaut.ai/lock-key": `${namespace}/Widget/raw`, "kubernaut.ai/lock-replica": "replica-0" } };
  return async () => {
    const now = `${new Date().toISOString().slice(0, -1)}000Z`;
    const spec = { holderIdentity: HOLDER, acquireTime: now, leaseTransitions: 0, ...(form === "process" ? { renewTime: now, leaseDurationSeconds: 30 } : {}) };
    const created = await transport.request({ method: "POST", path, headers, body: JSON.stringify({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata, spec }), deadlineMs: 10_000, urgent: true });
    const { metadata: born } = JSON.parse(created.body) as { readonly metadata: { readonly uid: string; readonly resourceVersion: string } };
    const body = JSON.stringify({ apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid: born.uid, resourceVersion: born.resourceVersion } });
    const deleted = await transport.request({ method: "DELETE", path: `${path}/${metadata.name}`, headers, body, deadlineMs: 10_000, urgent: true });
    if (created.status !== 201 || deleted.status !== 200) throw new Error(`raw writes were answered ${created.status} and ${deleted.status}`);
  };
}

function claimCycle(client: KubeClient, namespace: string): Arm {
  const claims = createClaims({ client, namespace, identity: "replica-0", clock: systemClock, metrics: noLockMetrics, log: silentLogger });
  const holder = { namespace, name: "rr-claim", uid: "00000000-0000-0000-0000-000000000001" };
  return async () => {
    const answer = await claims.acquire({ resource: `${namespace}/Widget/claim` }, holder);
    if (answer.kind !== "held") throw new Error(`a claim on a free target was answered ${answer.kind}`);
    await answer.claim[Symbol.asyncDispose]();
  };
}

function processCycle(client: KubeClient, namespace: string): Arm {
  const locks = createProcessLocks({ client, namespace, identity: "replica-0", clock: systemClock, random: Math.random, metrics: noLockMetrics, log: silentLogger });
  return async () => {
    const answer = await locks.acquire(`${namespace}/Widget/process`, { mode: "try" });
    if (answer.kind !== "held") throw new Error(`a free lock was answered ${answer.kind}`);
    await answer.lock[Symbol.asyncDispose]();
  };
}

function rawRow(what: string, raw: ArmTimes): Row {
  return { what, samples: raw.ms.length, figures: { "p50 ms": median(raw.ms), "cpu us": sum(raw.cpuUs) / raw.cpuUs.length, requests: 2, ratio: 1 } };
}

function lockRow(what: string, times: ArmTimes, raw: ArmTimes, requests: number): Row {
  const ratio = median(times.ms) / median(raw.ms);
  const [cpuUs, rawCpuUs] = [times, raw].map(({ cpuUs }) => sum(cpuUs) / cpuUs.length);
  const met = ratio <= AIM_RATIO && requests <= AIM_REQUESTS;
  const figures = { "p50 ms": median(times.ms), "cpu us": cpuUs ?? Number.NaN, requests, ratio };
  const limit = `this process's own CPU: ${cpuUs?.toFixed(0)} us a cycle against ${rawCpuUs?.toFixed(0)} us; the rest is the server's answer`;
  return { what, samples: times.ms.length, figures, aim: { text: `ratio <= ${AIM_RATIO}, ${AIM_REQUESTS} requests`, met }, ...(met ? {} : { limit }) };
}
