import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../src/api/kinds.ts";
import { microTime, type Lease } from "../../src/api/lease.ts";
import { FakeClock } from "../../src/lib/fake-clock.ts";
import { silentLogger } from "../../src/lib/log.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { createClaims, createProcessLocks, createReaper, keyOfTarget, leaseName, noLockMetrics } from "../../src/locking/index.ts";
import type { Claim, ClaimAnswer, ClaimHolder, Claims, LockTarget, ProcessLock, ProcessLockAnswer, ProcessLocks } from "../../src/locking/ports.ts";
import { intercept, type Call } from "../support/intercept.ts";

/** A client of some API server, and a namespace of its own there that is gone when it is disposed. */
export interface LockLifeClient extends AsyncDisposable {
  readonly client: KubeClient;
  readonly namespace: string;
}

const target: LockTarget = { resource: "shop/Deployment/cart" };
const a: ClaimHolder = { namespace: "kubernaut-system", name: "rr-a", uid: "0a" };
const b: ClaimHolder = { namespace: "kubernaut-system", name: "rr-b", uid: "0b" };

/** The life of a lock's Lease, from creation to deletion, on whatever API server `makeClient` gives. No Lease is left after any of it. */
export function lockLifeContract(name: string, makeClient: () => Promise<LockLifeClient>): void {
  const life = (fact: string, body: (world: World) => Promise<void>): void => {
    void test(`${name}: ${fact}`, async () => {
      await using scope = await makeClient();
      const world = new World(scope);
      await body(world);
      const { items } = await scope.client.list(kinds.Lease, { namespace: scope.namespace });
      assert.deepEqual(items, [], "a Lease was left behind");
      assert.equal(world.clock.pendingTimers, 0, "a timer was left behind");
    });
  };
  claimsLive(life);
  processLocksLive(life);
  leasesEnd(life);
}

type Life = (fact: string, body: (world: World) => Promise<void>) => void;

function claimsLive(life: Life): void {
  life("a claim is created, seen by another replica, and given back", async (world) => {
    const claim = held(await world.claims("one").acquire(target, a));
    assert.deepEqual(await world.claims("two").acquire(target, b), { kind: "claimed", by: a });
    await claim[Symbol.asyncDispose]();
    const next = held(await world.claims("two").acquire(target, b));
    assert.ok(BigInt(next.fence) > BigInt(claim.fence), "the fence grows across deletion and re-creation");
    await next[Symbol.asyncDispose]();
  });

  life("a creation whose answer was lost is adopted", async (world) => {
    const losing = world.losingAnswers(({ verb }) => verb === "create");
    const answer = await world.claims("one", losing).acquire(target, a);
    assert.equal(answer.kind === "held" && answer.how, "adopted");
    await held(answer)[Symbol.asyncDispose]();
    assert.equal(await world.claims("one").release(target, a), "released");
  });

  life("a claim that another replica adopted is deleted by neither of them, until it is released", async (world) => {
    const before = held(await world.claims("one").acquire(target, a));
    const after = held(await world.claims("two").acquire(target, a));
    await before[Symbol.asyncDispose]();
    assert.equal((await world.lease())?.metadata.resourceVersion, after.fence);
    await after[Symbol.asyncDispose]();
    assert.equal((await world.lease())?.metadata.resourceVersion, after.fence);
    assert.equal(await world.claims("two").release(target, a), "released");
  });

  life("a claim that was kept is released by any replica, at once", async (world) => {
    held(await world.claims("one").acquire(target, a)).keep();
    assert.equal(await world.claims("two").release(target, b), "absent");
    assert.equal(await world.claims("two").release(target, a), "released");
    assert.equal(await world.claims("two").release(target, a), "absent");
  });

  life("a release whose answer was lost is done", async (world) => {
    const claims = world.claims("one", world.losingAnswers(({ verb }) => verb === "delete"));
    await held(await claims.acquire(target, a))[Symbol.asyncDispose]();
    assert.equal(await world.lease(), undefined);
  });
}

function processLocksLive(life: Life): void {
  life("a process-held Lease of another program is waited for, and taken over when it has expired", async (world) => {
    await world.putByOtherProgram();
    const claims = world.claims("one");
    assert.equal((await claims.acquire(target, a)).kind, "contended");
    await world.clock.advance(29_900);
    assert.equal((await claims.acquire(target, a)).kind, "contended");
    await world.clock.advance(100);
    const answer = await claims.acquire(target, a);
    assert.equal(answer.kind === "held" && answer.how, "taken-over");
    const { spec, metadata } = (await world.lease()) ?? {};
    assert.equal(spec?.renewTime, undefined);
    assert.equal(spec?.leaseDurationSeconds, undefined);
    assert.equal(spec?.leaseTransitions, 3);
    assert.equal(metadata?.annotations?.["example.com/theirs"], "kept");
    await held(answer)[Symbol.asyncDispose]();
  });

  life("a process-held lock is renewed, keeps others out, and is given back", async (world) => {
    const lock = locked(await world.locks("one").acquire(target.resource, { mode: "try" }));
    const first = (await world.lease())?.spec?.renewTime;
    await world.clock.advance(10_000);
    await until(async () => (await world.lease())?.spec?.renewTime !== first);
    lock.assertHeld();
    assert.equal((await world.locks("two").acquire(target.resource, { mode: "try" })).kind, "contended");
    await lock[Symbol.asyncDispose]();
  });

  life("Z14: renewing does not bring a deleted Lease back to life", async (world) => {
    await using lock = locked(await world.locks("one").acquire(target.resource, { mode: "try" }));
    await world.deleteLease();
    await world.clock.advance(10_000);
    await until(async () => lock.signal.aborted);
    assert.throws(() => lock.assertHeld(), { name: "LockLostError", reason: "taken" });
    assert.equal(await world.lease(), undefined);
  });

  life("Z14: taking over a Lease that is deleted at that moment creates a new one of our own", async (world) => {
    const theirs = await world.putByOtherProgram();
    const racing = intercept(world.client, async (call, send) => {
      if (call.verb === "replace" && (await world.lease())?.metadata.uid === theirs.metadata.uid) await world.deleteLease();
      return send();
    });
    const claims = world.claims("one", racing);
    await claims.acquire(target, a);
    await world.clock.advance(30_000);
    const answer = await claims.acquire(target, a);
    assert.equal(answer.kind === "held" && answer.how, "created");
    assert.notEqual((await world.lease())?.metadata.uid, theirs.metadata.uid);
    await held(answer)[Symbol.asyncDispose]();
  });
}

function leasesEnd(life: Life): void {
  life("the reaper deletes a claim that is over, and no other", async (world) => {
    held(await world.claims("one").acquire(target, a)).keep();
    const over = new Set<string>();
    const leases = { synced: true, items: [] as readonly Lease[], list: () => leases.items };
    const reaper = createReaper({ ...world.deps, leases, random: () => 0.5, stateOf: async ({ uid }) => (over.has(uid) ? "over" : "needed") });
    leases.items = (await world.client.list(kinds.Lease, { namespace: world.namespace, labelSelector: "kubernaut.ai/lock=claim" })).items;
    assert.equal(leases.items.length, 1);
    assert.equal(await reaper.sweep(), 0);
    over.add(a.uid);
    held(await world.claims("two").acquire(target, a)).keep();
    assert.equal(await reaper.sweep(), 0, "the Lease has moved since the snapshot that was judged");
    leases.items = [...leases.items.slice(1), await world.leaseThere()];
    assert.equal(await reaper.sweep(), 1);
  });
}

class World {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly clock = new FakeClock();

  constructor({ client, namespace }: LockLifeClient) {
    this.client = client;
    this.namespace = namespace;
  }

  get deps() {
    const { client, namespace, clock } = this;
    return { client, namespace, clock, metrics: noLockMetrics, log: silentLogger };
  }

  claims(identity: string, client = this.client): Claims {
    return createClaims({ ...this.deps, client, identity });
  }

  locks(identity: string): ProcessLocks {
    return createProcessLocks({ ...this.deps, identity, random: () => 0.5 });
  }

  lease(): Promise<Lease | undefined> {
    return this.client.get(kinds.Lease, this.#at());
  }

  async leaseThere(): Promise<Lease> {
    const lease = await this.lease();
    assert.ok(lease);
    return lease;
  }

  async deleteLease(): Promise<void> {
    const { uid } = (await this.leaseThere()).metadata;
    await this.client.delete(kinds.Lease, this.#at(), { uid });
  }

  /** As a program of another make writes it: no label, no key. Its clock is an hour behind. */
  putByOtherProgram(): Promise<Lease> {
    const time = microTime(this.clock.now() - 3_600_000);
    const spec = { holderIdentity: "controller-7f9c", leaseDurationSeconds: 30, acquireTime: time, renewTime: time, leaseTransitions: 2 };
    return this.client.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { ...this.#at(), annotations: { "example.com/theirs": "kept" } }, spec });
  }

  /** The client, with the answers to those calls lost after they were done. */
  losingAnswers(which: (call: Call) => boolean): KubeClient {
    return intercept(this.client, async (call, send) => {
      const answer = await send();
      if (which(call)) throw new KubeError("UnknownOutcome", "the connection broke");
      return answer;
    });
  }

  #at(): { readonly namespace: string; readonly name: string } {
    return { namespace: this.namespace, name: leaseName(keyOfTarget(target)) };
  }
}

function held(answer: ClaimAnswer): Claim {
  assert.equal(answer.kind, "held");
  return answer.claim;
}

function locked(answer: ProcessLockAnswer): ProcessLock {
  assert.equal(answer.kind, "held");
  return answer.lock;
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 60_000;
  while (!(await condition())) {
    assert.ok(performance.now() < endMs, "waited in vain");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
