import assert from "node:assert/strict";
import { test } from "node:test";
import { EmbeddedApiServer } from "../../src/apiserver/index.ts";
import { kinds } from "../../src/api/kinds.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { noCredentials } from "../../src/kube/credentials.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";

const CONNECTIONS = 3;
const CYCLES = 1000;

test(`${CYCLES} times creating and exactly deleting a Lease opens at most ${CONNECTIONS} TLS connections`, async () => {
  await using server = await new EmbeddedApiServer({ namespaces: ["shop"] }).listen();
  const transport = createUndiciTransport({ server: server.url, caPem: server.caPem, credentials: noCredentials, clock: systemClock, userAgent: "connections-test", connections: 1, urgentConnections: CONNECTIONS - 1 });
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => transport.close());
  const client = createKubeClient({ transport, clock: systemClock });
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let cycle = next++; cycle < CYCLES; cycle = next++) {
      const { metadata } = await client.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace: "shop", name: `lock-${cycle}` }, spec: { holderIdentity: "me" } });
      await client.delete(kinds.Lease, { namespace: "shop", name: metadata.name }, { uid: metadata.uid, resourceVersion: metadata.resourceVersion });
    }
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  assert.equal((await client.list(kinds.Lease, { namespace: "shop" })).items.length, 0);
  assert.ok(server.connections <= CONNECTIONS, `${server.connections} connections`);
});
