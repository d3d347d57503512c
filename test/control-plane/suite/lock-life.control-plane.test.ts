import { after, before } from "node:test";
import { apiVersionOf } from "../../../src/api/kind.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import { tokenCredentials } from "../../../src/kube/credentials.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { createUndiciTransport } from "../../../src/kube/undici-transport.ts";
import { lockLifeContract, type LockLifeClient } from "../../contract/lock-life.ts";
import { controlPlane } from "../shared.ts";

const open = new AsyncDisposableStack();
let client: KubeClient;
let namespaces = 0;

before(async () => {
  const plane = open.use(await controlPlane());
  const credentials = tokenCredentials(plane.admin.token);
  const transport = createUndiciTransport({ server: plane.url, caPem: plane.caPem, credentials, clock: systemClock, userAgent: "lock-life-suite" });
  open.defer(() => transport.close());
  client = createKubeClient({ transport, clock: systemClock });
});
after(() => open.disposeAsync());

lockLifeContract("kube-apiserver", namespaceOfItsOwn);

async function namespaceOfItsOwn(): Promise<LockLifeClient> {
  const namespace = `lock-life-${++namespaces}`;
  const { metadata } = await client.create(kinds.Namespace, { apiVersion: apiVersionOf(kinds.Namespace), kind: "Namespace", metadata: { name: namespace } });
  return { client, namespace, [Symbol.asyncDispose]: () => client.delete(kinds.Namespace, { name: namespace }, { uid: metadata.uid }) };
}
