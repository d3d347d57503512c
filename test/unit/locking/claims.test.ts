import assert from "node:assert/strict";
import { test } from "node:test";
import { kinds } from "../../../src/api/kinds.ts";
import type { Lease } from "../../../src/api/lease.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import { createClaims } from "../../../src/locking/claims.ts";
import { claimIdentity } from "../../../src/locking/holder-identity.ts";
import { KEY_ANNOTATION, LOCK_LABEL, REPLICA_ANNOTATION } from "../../../src/locking/lease-marks.ts";
import { keyOfTarget, leaseName } from "../../../src/locking/lease-name.ts";
import type { LockEvent } from "../../../src/locking/metrics.ts";
import type { Claim, ClaimAnswer, ClaimHolder, Claims, LockTarget } from "../../../src/locking/ports.ts";
import { FakeKube } from "../../support/fake-kube.ts";
import { intercept, type Around, type Call } from "../../support/intercept.ts";

const namespace = "locks";
const target: LockTarget = { resource: "shop/Deployment/cart" };
const name = leaseName(keyOfTarget(target));
const holder = (n: string): ClaimHolder => ({ namespace, name: `rr-${n}`, uid: `u-${n}` });
const [a, b] = [holder("a"), holder("b")];

class World {
  readonly kube = new FakeKube();
  readonly clock = new FakeClock();
  readonly calls: Call[] = [];
  readonly events: LockEvent[] = [];
  around: Around = (_call, send) => send();
  readonly client: KubeClient = intercept(this.kube, (call, send) => {
    this.calls.push(call);
    return this.around(call, send);
  });

  claims(identity = "replica-1"): Claims {
    return createClaims({ client: this.client, namespace, identity, clock: this.clock, metrics: { record: (event) => void this.events.push(event) }, log: silentLogger });
  }

  lease(): Promise<Lease | undefined> {
    return this.kube.get(kinds.Lease, { namespace, name });
  }

  put(spec: Lease["spec"], metadata: Partial<Lease["metadata"]> = {}): Promise<Lease> {
    return this.kube.create(kinds.Lease, { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { namespace, name, ...metadata }, ...(spec ? { spec } : {}) });
  }

  verbs(): string {
    return this.calls.map(({ verb }) => verb).join(" ");
  }
}

function held(answer: ClaimAnswer): Claim {
  assert.equal(answer.kind, "held");
  return answer.claim;
}

function lostAnswer(): KubeError {
  return new KubeError("UnknownOutcome", "connection reset");
}

test("a free target is claimed with one write, and given back with one", async () => {
  const world = new World();
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "created");
  const lease = await world.lease();
  assert.equal(lease?.spec?.holderIdentity, "rr/locks/rr-a/u-a");
  assert.equal(lease.spec.renewTime, undefined);
  assert.equal(lease.spec.leaseDurationSeconds, undefined);
  assert.equal(lease.metadata.annotations?.[KEY_ANNOTATION], target.resource);
  assert.equal(lease.metadata.annotations[REPLICA_ANNOTATION], "replica-1");
  assert.equal(lease.metadata.labels?.[LOCK_LABEL], "claim");
  assert.equal(lease.metadata.ownerReferences, undefined);
  assert.equal(held(answer).fence, lease.metadata.resourceVersion);
  await held(answer)[Symbol.asyncDispose]();
  assert.equal(await world.lease(), undefined);
  assert.equal(world.verbs(), "create delete");
});

test("another holder is told who has the claim", async () => {
  const world = new World();
  held(await world.claims().acquire(target, a)).keep();
  assert.deepEqual(await world.claims("replica-2").acquire(target, b), { kind: "claimed", by: a });
});

test("ten thousand callers of one process cost one request", async () => {
  const world = new World();
  const claims = world.claims();
  const answers = await Promise.all(Array.from({ length: 10_000 }, (_, n) => claims.acquire(target, holder(String(n)))));
  assert.equal(world.verbs(), "create");
  assert.equal(answers.filter(({ kind }) => kind === "held").length, 1);
  assert.deepEqual(answers[9_999], { kind: "contended", by: claimIdentity(holder("0")), retryAfterMs: 100 });
});

test("Z17: two workers of one process with the same holder do not both hold the claim", async () => {
  const world = new World();
  const claims = world.claims();
  const [first, second] = await Promise.all([claims.acquire(target, a), claims.acquire(target, a)]);
  assert.equal(second.kind, "contended");
  assert.equal((await claims.acquire(target, a)).kind, "contended");
  held(first).keep();
  const again = await claims.acquire(target, a);
  assert.equal(again.kind === "held" && again.how, "adopted");
});

test("Z15: a creation whose answer was lost is adopted, not taken for lost", async () => {
  const world = new World();
  world.around = async (call, send) => {
    const result = await send();
    if (call.verb === "create") throw lostAnswer();
    return result;
  };
  const answer = await world.claims().acquire(target, a);
  assert.equal(answer.kind === "held" && answer.how, "adopted");
  assert.equal(held(answer).fence, (await world.lease())?.metadata.resourceVersion);
});
