import { mkdtemp, rm } from "node:fs/promises";
import { rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { createKubeClient } from "../../src/kube/client.ts";
import { tokenCredentials } from "../../src/kube/credentials.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { startControlPlane, type ControlPlane } from "../control-plane/control-plane.ts";
import { createTargets, fillCatalog, install, NAMESPACE } from "./cluster-setup.ts";
import { LedgerFile } from "./ledger-file.ts";
import { startProcessNode } from "./node.ts";
import { purge } from "./purge.ts";
import { startRecord, type Record } from "./record.ts";
import { Replica } from "./replica.ts";

/** A control plane with the product on it: three replicas as processes, a node that runs processes, and who watches them. */
export interface World extends AsyncDisposable {
  readonly plane: ControlPlane;
  /** The admin's connection, past every proxy. */
  readonly client: KubeClient;
  readonly replicas: readonly Replica[];
  readonly record: Record;
  readonly ledger: LedgerFile;
  /** Names of Deployments to remediate. */
  readonly targets: readonly string[];
  /** A place for files of the tests, removed at the end. */
  readonly folder: string;
  /** Ends every fault: networks whole, replicas at work. */
  heal(): Promise<void>;
  /** Takes everything away that remediations have left, and lets the record and the ledger begin anew. Resolves with what would not go. */
  clean(): Promise<readonly string[]>;
}

export const REPLICAS = ["replica-0", "replica-1", "replica-2"] as const;
const TARGET_COUNT = 48;
const BEATS = 2;
/** How long nothing may go before what is still there counts as not to be removed. */
const GONE_WITHIN_MS = 40_000;
const MANAGER_FLAGS = ["--concurrent-job-syncs=20", "--concurrent-gc-syncs=20", "--kube-api-qps=5000", "--kube-api-burst=10000"];

/** Starts it all; about ten seconds. Whatever was started is gone when this rejects. */
export async function startWorld(): Promise<World> {
  await using stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), "ro-e2e-"));
  const removeFolder = (): void => rmSync(folder, { recursive: true, force: true });
  process.once("exit", removeFolder);
  stack.defer(async () => {
    process.removeListener("exit", removeFolder);
    await rm(folder, { recursive: true, force: true });
  });
  const plane = stack.use(await startControlPlane({ users: REPLICAS.map((name) => ({ name })), fsync: true, managerFlags: MANAGER_FLAGS }));
  const { url, caPem, admin } = plane;
  const transport = createUndiciTransport({ server: url, caPem, credentials: tokenCredentials(admin.token), clock: systemClock, userAgent: "e2e" });
  stack.defer(() => transport.close());
  const client = createKubeClient({ transport, clock: systemClock });
  await install(plane, REPLICAS);
  await fillCatalog(client, BEATS);
  const targets = await createTargets(client, TARGET_COUNT);
  const ledgerFile = join(folder, "ledger");
  writeFileSync(ledgerFile, "");
  stack.use(await startProcessNode({ url, caPem, token: admin.token, client, namespace: NAMESPACE, ledgerFile }));
  const record = stack.use(await startRecord(client, NAMESPACE));
  const replicas: Replica[] = [];
  for (const name of REPLICAS) replicas.push(stack.use(await Replica.prepare({ name, namespace: NAMESPACE, folder, token: plane.user(name).token, upstream: plane })));
  await Promise.all(replicas.map((replica) => replica.ready()));
  const ledger = new LedgerFile(ledgerFile);
  const rest = stack.move();
  return {
    plane,
    client,
    replicas,
    record,
    ledger,
    targets,
    folder,
    heal: () => heal(replicas),
    async clean() {
      const stuck = await clean(plane, record);
      ledger.forget();
      return stuck;
    },
    [Symbol.asyncDispose]: () => rest.disposeAsync(),
  };
}

async function heal(replicas: readonly Replica[]): Promise<void> {
  await Promise.all(
    replicas.map(async (replica) => {
      replica.proxy.aroundWrite = undefined;
      replica.proxy.heal();
      replica.signal("SIGCONT");
      await replica.ready();
    }),
  );
}

async function clean(plane: ControlPlane, record: Record): Promise<readonly string[]> {
  await purge(plane);
  const startedMs = performance.now();
  while (record.objects.length > 0 && performance.now() - Math.max(startedMs, record.movedMs) < GONE_WITHIN_MS) await sleep(20);
  record.forget();
  return record.objects.map(({ kind, metadata: { name, finalizers = [] } }) => `${kind} ${name}${finalizers.length > 0 ? `, held by ${finalizers.join(" and ")}` : ""}`);
}
