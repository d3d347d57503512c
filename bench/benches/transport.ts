import { Pool } from "undici";
import { kinds } from "../../src/api/kinds.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { createConnector } from "../../src/kube/connector.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { interleave, type Arm, type ArmTimes } from "../measure/interleave.ts";
import { median, sum } from "../measure/percentile.ts";
import type { Bench, BenchContext, Row } from "../measure/bench.ts";
import { alertOn } from "../support/load.ts";
import { setStage } from "../support/stage.ts";

const CONNECTIONS = 8;
const BLOCK = 200;

/** What our client adds to a request over the HTTP library that it stands on. */
export const transport: Bench = {
  name: "transport",
  measures: `GET of one RemediationRequest, ${CONNECTIONS} at a time over ${CONNECTIONS} connections, blocks of ${BLOCK} in turn; bare = undici's Pool with the same settings, body read as text and parsed`,
  run,
};

async function run({ server, quick }: BenchContext): Promise<readonly Row[]> {
  await using stage = await setStage(server);
  const { url, caPem, token } = stage.server;
  const { namespace } = stage.cluster;
  const { metadata } = await alertOn(stage.cluster, "rr-read", "target", "Illness");
  const path = `/apis/kubernaut.ai/v1alpha1/namespaces/${namespace}/remediationrequests/${metadata.name}`;
  const credentials = tokenCredentials(token);
  const pool = new Pool(url, { connect: createConnector({ caPem }, credentials), connections: CONNECTIONS, pipelining: 1, keepAliveTimeout: 60_000, keepAliveMaxTimeout: 60_000, headersTimeout: 0, bodyTimeout: 0 });
  const ours = createUndiciTransport({ server: url, caPem, credentials, clock: systemClock, userAgent: "bench", connections: CONNECTIONS });
  await using _closing = { [Symbol.asyncDispose]: async () => void (await Promise.all([pool.destroy(), ours.close()])) };
  const client = createKubeClient({ transport: ours, clock: systemClock });
  const headers = { accept: "application/json", "user-agent": "bench", authorization: `Bearer ${token}` };
  const arms = {
    bare: block(async () => {
      const { body } = await pool.request({ method: "GET", path, headers });
      return JSON.parse(await body.text()) as RemediationRequest;
    }),
    transport: block(async () => JSON.parse((await ours.request({ method: "GET", path, headers: { accept: "application/json" }, deadlineMs: 10_000 })).body) as RemediationRequest),
    client: block(() => client.get(kinds.RemediationRequest, { namespace, name: metadata.name })),
  };
  const times = await interleave(arms, quick ? { warmUp: 2, samples: 6 } : { warmUp: 5, samples: 40 });
  return [rowOf("bare undici", times.bare, times.bare), rowOf("our transport", times.transport, times.bare), rowOf("our transport + client", times.client, times.bare)];
}

/** So many reads, as many at a time as there are connections. */
function block(read: () => Promise<RemediationRequest | undefined>): Arm {
  return async () => {
    let left = BLOCK;
    const worker = async (): Promise<void> => {
      while (left-- > 0) if (!(await read())?.metadata.uid) throw new Error("the object was not read");
    };
    await Promise.all(Array.from({ length: CONNECTIONS }, worker));
  };
}

function rowOf(what: string, times: ArmTimes, bare: ArmTimes): Row {
  const perSecond = ({ ms }: ArmTimes): number => (BLOCK * 1000) / median(ms);
  const cpuUs = ({ cpuUs }: ArmTimes): number => sum(cpuUs) / (cpuUs.length * BLOCK);
  return { what, samples: times.ms.length, figures: { "requests/s": perSecond(times), "ratio to bare": perSecond(times) / perSecond(bare), "client cpu us": cpuUs(times), "cpu ratio": cpuUs(times) / cpuUs(bare) } };
}
