import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../src/api/kinds.ts";
import type { Lease } from "../../src/api/lease.ts";
import { compareResourceVersions, type Draft } from "../../src/api/object.ts";
import { createInformer } from "../../src/cache/informer.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { casStatus, exactDelete, exactPatch } from "../../src/kube/compare-and-swap.ts";
import { isKubeError, isNotThatObject } from "../../src/kube/kube-error.ts";
import type { KubeClient, WatchEvent } from "../../src/kube/ports.ts";

/** A client of some API server, and a namespace of its own there that is gone when it is disposed. */
export interface ClientScope extends AsyncDisposable {
  readonly client: KubeClient;
  readonly namespace: string;
}

const PATIENCE_MS = 60_000;

/** What the client and the cache promise, on whatever API server `makeScope` gives. */
export function kubeClientContract(name: string, makeScope: () => Promise<ClientScope>): void {
  const fact = (words: string, body: (scope: ClientScope) => Promise<void>): void => {
    void test(`${name}: ${words}`, async () => {
      await using scope = await makeScope();
      await body(scope);
    });
  };

  fact("every write says at which version; a version that has passed is no longer written", async ({ client, namespace }) => {
    const made = await client.create(kinds.Lease, lease(namespace, "a"));
    await assert.rejects(client.create(kinds.Lease, lease(namespace, "a")), (error) => isKubeError(error, "AlreadyExists"));
    const next = await client.replace(kinds.Lease, { ...made, spec: { holderIdentity: "you" } });
    assert.ok(compareResourceVersions(next.metadata.resourceVersion, made.metadata.resourceVersion) > 0);
    await assert.rejects(client.replace(kinds.Lease, made), (error) => isNotThatObject(error));
    assert.equal(await exactDelete(client, kinds.Lease, made), "moved");
    assert.equal((await client.get(kinds.Lease, { namespace, name: "a" }))?.metadata.resourceVersion, next.metadata.resourceVersion);
  });

  fact("an object that is gone is not written, and not brought back", async ({ client, namespace }) => {
    const made = await client.create(kinds.Lease, lease(namespace, "a"));
    assert.equal(await exactDelete(client, kinds.Lease, made), "deleted");
    await assert.rejects(client.replace(kinds.Lease, made), (error) => isNotThatObject(error));
    assert.deepEqual(await exactPatch(client, kinds.Lease, made, { spec: { holderIdentity: "x" } }), { kind: "stale" });
    assert.equal(await exactDelete(client, kinds.Lease, made), "gone");
    assert.equal(await client.get(kinds.Lease, { namespace, name: "a" }), undefined);
  });

  fact("another object of the same name is not that object", async ({ client, namespace }) => {
    const first = await client.create(kinds.Lease, lease(namespace, "a"));
    await exactDelete(client, kinds.Lease, first);
    const second = await client.create(kinds.Lease, lease(namespace, "a"));
    await assert.rejects(client.replace(kinds.Lease, first), (error) => isNotThatObject(error));
    assert.deepEqual(await exactPatch(client, kinds.Lease, first, { spec: { holderIdentity: "x" } }, { precondition: "uid" }), { kind: "stale" });
    assert.equal(await exactDelete(client, kinds.Lease, first, { precondition: "uid" }), "moved");
    assert.deepEqual(await client.get(kinds.Lease, { namespace, name: "a" }), second);
  });

  fact("a PATCH lands at the version that it names and at no other, by uid alone at any", async ({ client, namespace }) => {
    const made = await client.create(kinds.Lease, lease(namespace, "a"));
    const next = await exactPatch(client, kinds.Lease, made, { spec: { holderIdentity: "x" } });
    assert.equal(next.kind === "written" && next.object.spec?.holderIdentity, "x");
    assert.deepEqual(await exactPatch(client, kinds.Lease, made, { spec: { holderIdentity: "y" } }), { kind: "stale" });
    const last = await exactPatch(client, kinds.Lease, made, { spec: { holderIdentity: "y" } }, { precondition: "uid" });
    assert.equal(last.kind === "written" && last.object.spec?.holderIdentity, "y");
  });

  fact("a PATCH that breaks a rule is refused, and not taken for one of another object", async ({ client, namespace }) => {
    const made = await client.create(kinds.Lease, lease(namespace, "a"));
    await assert.rejects(exactPatch(client, kinds.Lease, made, { spec: { leaseDurationSeconds: -1 } }), { reason: "Invalid" });
  });

  fact("of two status writes from one snapshot one lands", async ({ client, namespace }) => {
    // Behind its gate no scheduler and no node writes it: the two of us are alone.
    const spec = { schedulerName: "nobody", schedulingGates: [{ name: "contract.test/alone" }], containers: [{ name: "c", image: "none" }] };
    const pod = await client.create(kinds.Pod, { apiVersion: "v1", kind: "Pod", metadata: { namespace, name: "p" }, spec });
    const swaps = await Promise.all((["Running", "Failed"] as const).map((phase) => casStatus(client, kinds.Pod, { ...pod, status: { ...pod.status, phase } })));
    assert.deepEqual(swaps.map(({ kind }) => kind).toSorted(), ["stale", "written"]);
    await client.delete(kinds.Pod, { namespace, name: "p" }, { uid: pod.metadata.uid });
  });

  fact("a list is whole however many pages it has, and each item says what it is", async ({ client, namespace }) => {
    await Promise.all(Array.from({ length: 503 }, (_, i) => client.create(kinds.Lease, lease(namespace, `l-${i}`))));
    const { items } = await client.list(kinds.Lease, { namespace });
    assert.equal(new Set(items.map(({ metadata }) => metadata.name)).size, 503);
    assert.deepEqual([...new Set(items.map(({ apiVersion, kind }) => `${apiVersion} ${kind}`))], ["coordination.k8s.io/v1 Lease"]);
  });

  fact("a watch tells what came after a version, in order, and ends when it was asked to", async ({ client, namespace }) => {
    const { resourceVersion } = await client.list(kinds.Lease, { namespace });
    const made = await client.create(kinds.Lease, lease(namespace, "a"));
    await client.replace(kinds.Lease, { ...made, spec: { holderIdentity: "you" } });
    await client.delete(kinds.Lease, { namespace, name: "a" }, { uid: made.metadata.uid });
    const events: WatchEvent<Lease>[] = [];
    for await (const event of client.watch(kinds.Lease, { namespace, resourceVersion, timeoutSeconds: 1 }, { signal: AbortSignal.timeout(PATIENCE_MS) })) events.push(event);
    assert.deepEqual(events.map(({ type }) => type).filter((type) => type !== "BOOKMARK"), ["ADDED", "MODIFIED", "DELETED"]);
  });

  fact("a cache comes to agree with the server, whatever its writes", async ({ client, namespace }) => {
    const stop = new AbortController();
    const informer = createInformer({ client, kind: kinds.Lease, query: { namespace, labelSelector: "mine" }, clock: systemClock, random: Math.random, log: silentLogger });
    const told = new Map<string, Lease>();
    informer.subscribe(({ type, object }) => void (type === "DELETED" ? told.delete(object.metadata.name) : told.set(object.metadata.name, object)));
    const before = await client.create(kinds.Lease, lease(namespace, "before", true));
    const running = informer.run(stop.signal);
    await informer.synced({ signal: AbortSignal.timeout(PATIENCE_MS) });
    assert.deepEqual(informer.cache.get({ namespace, name: "before" }), before);
    await client.create(kinds.Lease, lease(namespace, "theirs"));
    const made = await Promise.all(Array.from({ length: 20 }, (_, i) => client.create(kinds.Lease, lease(namespace, `l-${i}`, true))));
    await Promise.all(made.map((object, i) => (i % 2 ? exactDelete(client, kinds.Lease, object) : client.replace(kinds.Lease, { ...object, spec: { holderIdentity: "you" } }))));
    await exactDelete(client, kinds.Lease, before);
    const again = await client.create(kinds.Lease, lease(namespace, "before", true));
    const expected = await client.list(kinds.Lease, { namespace, labelSelector: "mine" });
    await eventually(() => assert.deepEqual(byName(informer.cache.list()), byName(expected.items)));
    assert.deepEqual(byName([...told.values()]), byName(expected.items));
    assert.equal(informer.cache.get({ namespace, name: "before" })?.metadata.uid, again.metadata.uid);
    stop.abort();
    await running;
  });
}

function lease(namespace: string, name: string, mine = false): Draft<Lease> {
  return { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name, ...(mine ? { labels: { mine: "" } } : {}) }, spec: { holderIdentity: "me" } };
}

function byName(leases: readonly Lease[]): readonly Lease[] {
  return leases.toSorted((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
}

/** Resolves when `holds` no longer throws; with its error after 10 s. */
async function eventually(holds: () => void): Promise<void> {
  for (const end = performance.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, 10))) {
    try {
      return holds();
    } catch (error) {
      if (performance.now() > end) throw error;
    }
  }
}
