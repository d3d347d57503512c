import { systemClock, type Clock } from "../lib/clock.ts";
import type { Faults } from "./faults/faults.ts";
import type { ListeningServer } from "./https-server.ts";
import { startDeploymentController } from "./jobs/deployment-controller.ts";
import { startJobController } from "./jobs/job-controller.ts";
import type { LedgerEntry } from "./node/ledger.ts";
import { startNode, type NodeMode, type RunningNode } from "./node/node.ts";
import type { User } from "./ports.ts";
import { cryptoRandom } from "./random.ts";
import { EmbeddedApiServer } from "./server.ts";

export interface EmbeddedClusterOptions {
  readonly clock?: Clock;
  readonly random?: () => number;
  /** Who may log in, by bearer token. One of them should be in `system:masters`: the controllers below act as that one. */
  readonly tokens: Readonly<Record<string, User>>;
  readonly namespaces?: readonly string[];
  /** TCP port; 0, the default: any that is free. */
  readonly port?: number;
  /** Whether Jobs get pods, and Deployments a status. */
  readonly controllers?: boolean;
  /** How the containers of pods run; absent: pods stay Pending. */
  readonly node?: NodeMode;
  /** What processes of a `process` node inherit besides their container's environment. */
  readonly nodeEnv?: Readonly<Record<string, string>>;
  /** How many runs the node's ledger keeps; the oldest that have ended are forgotten. Default 10 000. */
  readonly ledgerLimit?: number;
  /** How many changes of each kind are remembered for watches that begin in the past. Default 2000. */
  readonly historyLimit?: number;
  /** From the success of a Job's pod to its Complete, milliseconds. */
  readonly jobBatchMs?: number;
}

/** The embedded API server with controllers and a node around it, on a TLS socket. */
export interface EmbeddedCluster extends AsyncDisposable {
  readonly server: EmbeddedApiServer;
  readonly faults: Faults;
  readonly listening: ListeningServer;
  /** The containers that ran, `ledgerLimit` of them at most, in the order of their starts; empty without a node. */
  readonly ledger: readonly LedgerEntry[];
  stop(): Promise<void>;
}

const MASTERS = "system:masters";

/** Starts it. Throws when no token belongs to `system:masters` although controllers or a node are wanted, or the port is taken. */
export async function startEmbeddedCluster(options: EmbeddedClusterOptions): Promise<EmbeddedCluster> {
  const { clock = systemClock, random = cryptoRandom, tokens } = options;
  let node: RunningNode | undefined;
  const server = new EmbeddedApiServer({
    clock,
    random,
    tokens,
    namespaces: options.namespaces ?? [],
    ...(options.historyLimit === undefined ? {} : { historyLimit: options.historyLimit }),
    podLog: (uid) => node?.logOf(uid) ?? [],
  });
  const { handle } = server;
  const headers = options.controllers || options.node ? masterHeaders(tokens) : {};
  const controllers = options.controllers
    ? [startJobController({ handle, headers, clock, random, ...(options.jobBatchMs === undefined ? {} : { batchMs: options.jobBatchMs }) }), startDeploymentController({ handle, headers, clock })]
    : [];
  if (options.node) node = startNode({ handle, headers, clock, mode: options.node, ...(options.nodeEnv ? { baseEnv: options.nodeEnv } : {}), ...(options.ledgerLimit === undefined ? {} : { ledgerLimit: options.ledgerLimit }) });
  const stop = async (listening?: ListeningServer): Promise<void> => {
    await node?.stop();
    for (const controller of controllers) controller.stop();
    await listening?.close();
    server.close();
  };
  const listening = await server.listen({ port: options.port ?? 0 }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  let stopped: Promise<void> | undefined;
  const cluster: EmbeddedCluster = {
    server,
    faults: server.faults,
    listening,
    get ledger() {
      return node?.ledger ?? [];
    },
    stop: () => (stopped ??= stop(listening)),
    [Symbol.asyncDispose]: () => cluster.stop(),
  };
  return cluster;
}

function masterHeaders(tokens: EmbeddedClusterOptions["tokens"]): Readonly<Record<string, string>> {
  const master = Object.entries(tokens).find(([, user]) => user.groups.includes(MASTERS));
  if (!master) throw new TypeError(`controllers and node need a token of somebody in ${MASTERS}`);
  return { authorization: `Bearer ${master[0]}` };
}
