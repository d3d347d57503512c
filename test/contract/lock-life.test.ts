import { EmbeddedApiServer } from "../../src/apiserver/index.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import { noCredentials } from "../../src/kube/credentials.ts";
import { createUndiciTransport } from "../../src/kube/undici-transport.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { lockLifeContract } from "./lock-life.ts";

lockLifeContract("embedded API server", async () => {
  const open = new AsyncDisposableStack();
  const server = new EmbeddedApiServer({ namespaces: ["locks"] });
  open.defer(() => server.close());
  const { url, caPem } = open.use(await server.listen());
  const transport = createUndiciTransport({ server: url, caPem, credentials: noCredentials, clock: systemClock, userAgent: "lock-life-suite" });
  open.defer(() => transport.close());
  return { client: createKubeClient({ transport, clock: systemClock }), namespace: "locks", [Symbol.asyncDispose]: () => open.disposeAsync() };
});
