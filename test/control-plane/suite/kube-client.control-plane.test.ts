import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import { systemClock } from "../../../src/lib/clock.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import { tokenCredentials } from "../../../src/kube/credentials.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { createUndiciTransport } from "../../../src/kube/undici-transport.ts";
import { kubeClientContract, type ClientScope } from "../../contract/kube-client.ts";
import { controlPlane } from "../shared.ts";

const open = new AsyncDisposableStack();
let client: KubeClient;
let namespaces = 0;

before(async () => {
  const plane = open.use(await controlPlane());
  const transport = createUndiciTransport({ server: plane.url, caPem: plane.caPem, credentials: tokenCredentials(plane.admin.token), clock: systemClock, userAgent: "kube-client-suite/1.0" });
  open.defer(() => transport.close());
  client = createKubeClient({ transport, clock: systemClock });
});
after(() => open.disposeAsync());

kubeClientContract("kube-apiserver", async (): Promise<ClientScope> => {
  const namespace = `kube-client-${++namespaces}`;
  const { metadata } = await client.create(kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name: namespace } });
  return { client, namespace, [Symbol.asyncDispose]: () => client.delete(kinds.Namespace, { name: namespace }, { uid: metadata.uid }) };
});

test("whose the fields are is what the user agent says before its slash: nothing else has to be sent", async () => {
  const namespace = { apiVersion: "v1", kind: "Namespace", metadata: { name: "whose-fields" } };
  const { metadata } = await client.create(kinds.Namespace, namespace);
  // What the server adds and our types leave out.
  const { managedFields } = metadata as { readonly managedFields?: readonly { readonly manager: string }[] };
  assert.deepEqual(managedFields?.map(({ manager }) => manager), ["kube-client-suite"]);
  await client.delete(kinds.Namespace, { name: metadata.name }, { uid: metadata.uid });
});
