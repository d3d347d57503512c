import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";
import { EmbeddedApiServer } from "../../../src/apiserver/index.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import type { Draft } from "../../../src/api/object.ts";
import { createInformer } from "../../../src/cache/informer.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { createKubeClient } from "../../../src/kube/client.ts";
import { exactDelete } from "../../../src/kube/compare-and-swap.ts";
import { isKubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { createInProcessTransport } from "../../support/in-process-transport.ts";

let clock: FakeClock;
let server: EmbeddedApiServer;
let client: KubeClient;
let stop: AbortController;

beforeEach(() => {
  clock = new FakeClock();
  let number = 0;
  server = new EmbeddedApiServer({ clock, random: () => (number += 0.017) % 1, namespaces: ["shop"] });
  client = createKubeClient({ transport: createInProcessTransport({ call: server.call, clock }), clock });
  stop = new AbortController();
});
afterEach(() => stop.abort());

const lease = (name: string, holderIdentity = "me"): Draft<Lease> => ({ apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace: "shop", name }, spec: { holderIdentity } });

test("an object lives and dies by its versions", async () => {
  const made = await client.create(kinds.Lease, lease("a"));
  assert.deepEqual(await client.get(kinds.Lease, { namespace: "shop", name: "a" }), made);
  await assert.rejects(client.create(kinds.Lease, lease("a")), (error) => isKubeError(error, "AlreadyExists"));
  const moved = await client.replace(kinds.Lease, { ...made, spec: { holderIdentity: "you" } });
  await assert.rejects(client.replace(kinds.Lease, made), (error) => isKubeError(error, "Conflict"));
  await assert.rejects(client.patch(kinds.Lease, { namespace: "shop", name: "a" }, { metadata: { uid: "another" }, spec: { holderIdentity: "x" } }), (error) => isKubeError(error, "Invalid", "Conflict"));
  assert.equal(await exactDelete(client, kinds.Lease, made), "moved");
  assert.equal(await exactDelete(client, kinds.Lease, moved), "deleted");
  assert.equal(await exactDelete(client, kinds.Lease, moved), "gone");
});

test("a list of more than a page is complete", async () => {
  for (let i = 0; i < 1203; i++) await client.create(kinds.Lease, lease(`l-${i}`));
  const { items } = await client.list(kinds.Lease, { namespace: "shop" });
  assert.equal(new Set(items.map(({ metadata }) => metadata.name)).size, 1203);
});

test("a cache follows the server through writes and the ends of streams", async () => {
  const informer = createInformer({ client, kind: kinds.Lease, query: { namespace: "shop" }, clock, random: () => 0.5, log: silentLogger });
  const running = informer.run(stop.signal);
  const agree = async (): Promise<void> => {
    await clock.advance(1000);
    const live = await client.list(kinds.Lease, { namespace: "shop" });
    assert.deepEqual([...informer.cache.list()].sort(byName), [...live.items].sort(byName));
  };
  const first = await client.create(kinds.Lease, lease("a"));
  await agree();
  await client.create(kinds.Lease, lease("b"));
  await client.replace(kinds.Lease, { ...first, spec: { holderIdentity: "you" } });
  await agree();
  // Longer than any stream lasts.
  await clock.advance(11 * 60_000);
  await client.create(kinds.Lease, lease("c"));
  await agree();
  assert.equal(server.log.count({ verb: "list", kind: "Lease" }), 4, "one list of the cache, three of the test");
  stop.abort();
  await running;
  assert.equal(informer.cache.list().length, 3);
});

test("a watch from a version that the server has forgotten is Expired", async () => {
  server = new EmbeddedApiServer({ clock, historyLimit: 10, namespaces: ["shop"] });
  client = createKubeClient({ transport: createInProcessTransport({ call: server.call, clock }), clock });
  const { resourceVersion } = await client.list(kinds.Lease);
  for (let i = 0; i < 30; i++) await client.create(kinds.Lease, lease(`l-${i}`));
  await assert.rejects(
    async () => {
      for await (const _ of client.watch(kinds.Lease, { resourceVersion, timeoutSeconds: 300 }, { signal: stop.signal })) assert.fail("nothing can be told");
    },
    (error) => isKubeError(error, "Expired"),
  );
});

test("an aborted watch stops, and leaves nothing behind", async () => {
  const { resourceVersion } = await client.list(kinds.Lease, { namespace: "shop" });
  const why = new Error("enough");
  const read = assert.rejects(async () => {
    for await (const _ of client.watch(kinds.Lease, { namespace: "shop", resourceVersion, timeoutSeconds: 300 }, { signal: stop.signal })) assert.fail("nothing happened");
  }, why);
  await clock.advance(10);
  stop.abort(why);
  await read;
});

function byName(a: Lease, b: Lease): number {
  return a.metadata.name < b.metadata.name ? -1 : 1;
}
