import { kinds } from "../../src/api/kinds.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import { testCluster, type TestCluster } from "../../test/support/cluster.ts";
import { watchNamespace, type Watched } from "../../test/support/watched.ts";
import { startReplicaProcess, type ReplicaProcess } from "./replica.ts";
import { startServer, type BenchServer, type ServerKind } from "./server.ts";

/** A fresh API server with our CRDs and a namespace, somebody who watches it, and replicas as processes. */
export interface Stage extends AsyncDisposable {
  readonly server: BenchServer;
  readonly cluster: TestCluster;
  readonly watched: Watched;
  /** Starts that many replicas; resolves when all are at work and know of each other. */
  startReplicas(count: number): Promise<readonly ReplicaProcess[]>;
}

export async function setStage(kind: ServerKind): Promise<Stage> {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startServer(kind));
  const { url, caPem, token } = server;
  const cluster = stack.use(await testCluster({ ...server, ledger: [], replicaToken: () => Promise.resolve(token) }));
  const watched = stack.use(await watchNamespace(cluster.client, cluster.namespace));
  const open = stack.move();
  return {
    server,
    cluster,
    watched,
    async startReplicas(count) {
      const { namespace } = cluster;
      const replicas = await Promise.all(Array.from({ length: count }, (_, at) => startReplicaProcess({ url, caPem, token, namespace, identity: `replica-${at}` })));
      replicas.forEach((replica) => open.use(replica));
      await allKnown(cluster, count);
      return replicas;
    },
    [Symbol.asyncDispose]: () => open.disposeAsync(),
  };
}

const LOOK_EVERY_MS = 20;
/** From a membership's creation until every watch has told of it. */
const SPREAD_MS = 200;

/** Resolves when `count` replicas have said that they are there. */
export async function allKnown({ client, namespace }: TestCluster, count: number): Promise<void> {
  while ((await client.list(kinds.Lease, { namespace, labelSelector: MEMBER_LABEL })).items.length < count) await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  await new Promise((resolve) => setTimeout(resolve, SPREAD_MS));
}
