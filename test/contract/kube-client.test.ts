import { EmbeddedApiServer } from "../../src/apiserver/index.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { noCredentials } from "../../src/kube/credentials.ts";
import type { Transport } from "../../src/kube/transport.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { createInProcessTransport } from "../support/in-process-transport.ts";
import { kubeClientContract, type ClientScope } from "./kube-client.ts";

kubeClientContract("embedded, over TLS", async () => {
  const open = new AsyncDisposableStack();
  const { url, caPem } = open.use(await api().listen());
  return scope(createUndiciTransport({ server: url, caPem, credentials: noCredentials, clock: systemClock, userAgent: "contract" }), open);
});

kubeClientContract("embedded, in process", async () => scope(createInProcessTransport({ call: api().call, clock: systemClock }), new AsyncDisposableStack()));

function api(): EmbeddedApiServer {
  return new EmbeddedApiServer({ namespaces: ["shop"] });
}

function scope(transport: Transport, open: AsyncDisposableStack): ClientScope {
  open.defer(() => transport.close());
  return { client: createKubeClient({ transport, clock: systemClock }), namespace: "shop", [Symbol.asyncDispose]: () => open.disposeAsync() };
}
