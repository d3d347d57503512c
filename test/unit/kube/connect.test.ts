import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { after, before, test } from "node:test";
import { EmbeddedApiServer, type ListeningServer } from "../../../src/apiserver/index.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import type { RequestRecord } from "../../../src/kube/client.ts";
import { connect, type ConnectOptions } from "../../../src/kube/connect.ts";
import { isKubeError } from "../../../src/kube/kube-error.ts";
import { KubeConfigError } from "../../../src/kube/kubeconfig.ts";

const open = new AsyncDisposableStack();
let listening: ListeningServer;
let folder: string;
let kubeconfig: string;

before(async () => {
  const api = new EmbeddedApiServer({ tokens: { good: { name: "ro", groups: [] } } });
  listening = open.use(await api.listen());
  folder = await mkdtemp(join(tmpdir(), "connect-"));
  open.defer(() => rm(folder, { recursive: true }));
  kubeconfig = join(folder, "config");
  await writeFile(kubeconfig, listening.kubeconfig("good", "shop"));
});
after(() => open.disposeAsync());

const options = (given: Partial<ConnectOptions>): ConnectOptions => ({ kubeconfig, env: {}, clock: systemClock, userAgent: "connect-test", ...given });

test("a kubeconfig leads to a server that answers, as the user that it names", async () => {
  const records: RequestRecord[] = [];
  const connection = await connect(options({ kubeconfig: [join(folder, "absent"), kubeconfig].join(delimiter), onRequest: (record) => void records.push(record) }));
  assert.equal((await connection.client.get(kinds.Namespace, { name: "default" }))?.metadata.name, "default");
  assert.deepEqual([connection.server, connection.namespace], [listening.url, "shop"]);
  assert.deepEqual(records.map(({ verb, kind, status }) => [verb, kind, status]), [["get", "Namespace", 200]]);
  await connection.close();
});

test("a token that the server does not know is Unauthorized", async () => {
  const path = join(folder, "wrong");
  await writeFile(path, listening.kubeconfig("bad"));
  const connection = await connect(options({ kubeconfig: path }));
  await assert.rejects(connection.client.get(kinds.Namespace, { name: "default" }), (error) => isKubeError(error, "Unauthorized"));
  await connection.close();
});

test("without a kubeconfig and outside a pod there is nothing to connect to", async () => {
  await assert.rejects(connect(options({ kubeconfig: undefined })), KubeConfigError);
});
