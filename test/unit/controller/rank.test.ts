import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Lease } from "../../../src/api/lease.ts";
import type { CacheEvent, CacheListener } from "../../../src/cache/ports.ts";
import { MEMBER_LABEL, runMembership } from "../../../src/controller/rank/membership.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { rankOf } from "../../../src/controller/rank/rank.ts";
import { createRanking, delayOf } from "../../../src/controller/rank/ranking.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger } from "../../../src/lib/log.ts";
import { FakeKube } from "../../support/fake-kube.ts";

const MEMBERS = ["replica-0", "replica-1", "replica-2"];
const targets = Array.from({ length: 3000 }, (_, at) => `shop/Deployment/app-${at}`);

describe("the rank of a replica for a target", () => {
  it("is a line: each place is taken once", () => {
    for (const target of targets.slice(0, 100)) {
      assert.deepEqual(MEMBERS.map((self) => rankOf(self, MEMBERS, target)).toSorted((a, b) => a - b), [0, 1, 2]);
    }
  });

  it("shares the targets out evenly", () => {
    for (const self of MEMBERS) {
      const first = targets.filter((target) => rankOf(self, MEMBERS, target) === 0).length;
      assert.ok(first > 850 && first < 1150, `${self} is first for ${first} of ${targets.length}`);
    }
  });

  it("moves only the targets of a member that leaves", () => {
    const [, ...left] = MEMBERS;
    for (const target of targets) {
      for (const self of left) {
        if (rankOf("replica-0", MEMBERS, target) > rankOf(self, MEMBERS, target)) assert.equal(rankOf(self, left, target), rankOf(self, MEMBERS, target));
      }
    }
  });

  it("is 0 for somebody who knows of nobody", () => assert.equal(rankOf("replica-0", [], "t"), 0));
});

describe("what a place in the line waits", () => {
  const delays = Array.from({ length: 100 }, (_, rank) => delayOf(rank, 300, 900));

  it("is nothing for the first, and a step for the second", () => assert.deepEqual(delays.slice(0, 2), [0, 300]));

  it("grows from place to place and stays within its limit, however long the line is", () => {
    assert.deepEqual(delays.slice(2, 10), [500, 633, 722, 781, 821, 847, 865, 877]);
    assert.deepEqual(delays, delays.toSorted((a, b) => a - b));
    assert.ok(delays.every((ms) => ms <= 900));
  });
});

function lease(holder: string, renewTime: string, type: CacheEvent<Lease>["type"] = "ADDED"): CacheEvent<Lease> {
  const object: Lease = { apiVersion: "coordination.k8s.io/v1", kind: "Lease", metadata: { name: `ro-member-${holder}`, uid: `uid-${holder}`, resourceVersion: "1", creationTimestamp: "" }, spec: { holderIdentity: holder, leaseDurationSeconds: 6, renewTime } };
  return type === "MODIFIED" ? { type, object, previous: object } : { type, object };
}

describe("a ranking by membership", () => {
  function setUp() {
    const clock = new FakeClock();
    const listeners = new Set<CacheListener<Lease>>();
    const ranking = createRanking({ identity: "replica-0", leases: { subscribe: (listener) => (listeners.add(listener), () => void listeners.delete(listener)) }, clock, stepMs: 300, limitMs: 900 });
    const tell = (event: CacheEvent<Lease>): void => listeners.forEach((listener) => listener(event));
    // A target for which the other member comes first.
    const theirs = targets.find((target) => rankOf("replica-0", ["replica-1"], target) === 1) ?? "";
    return { clock, ranking, tell, theirs };
  }

  it("acts at once while nobody else is known", () => {
    const { ranking, theirs } = setUp();
    assert.equal(ranking.delayMs(theirs), 0);
  });

  it("gives way by one step to a member that is first, and tells of it", () => {
    const { ranking, tell, theirs } = setUp();
    let told = 0;
    ranking.subscribe(() => told++);
    tell(lease("replica-1", "t1"));
    assert.equal(ranking.delayMs(theirs), 300);
    assert.equal(told, 1);
  });

  it("forgets a member whose Lease stood still for its duration, whatever its clock says", async () => {
    const { clock, ranking, tell, theirs } = setUp();
    tell(lease("replica-1", "2099-01-01T00:00:00.000000Z"));
    await clock.advance(4000);
    tell(lease("replica-1", "1999-01-01T00:00:00.000000Z", "MODIFIED"));
    await clock.advance(5999);
    assert.equal(ranking.delayMs(theirs), 300);
    await clock.advance(1);
    assert.equal(ranking.delayMs(theirs), 0);
  });

  it("does not believe a Lease for a day that says so once", async () => {
    const { clock, ranking, tell, theirs } = setUp();
    const { type, object } = lease("replica-1", "t1");
    assert.ok(type === "ADDED");
    tell({ type, object: { ...object, spec: { ...object.spec, leaseDurationSeconds: 86_400 } } });
    assert.equal(ranking.delayMs(theirs), 300);
    await clock.advance(15_000);
    assert.equal(ranking.delayMs(theirs), 0);
  });

  it("makes nobody wait longer than the limit, however many members are forged", () => {
    const { ranking, tell } = setUp();
    for (let at = 0; at < 200; at++) tell(lease(`forged-${at}`, "t1"));
    const longest = Math.max(...targets.map((target) => ranking.delayMs(target)));
    assert.ok(longest > 800 && longest <= ranking.limitMs, `${longest} ms`);
  });

  it("forgets a member at once when its Lease goes", () => {
    const { ranking, tell, theirs, clock } = setUp();
    tell(lease("replica-1", "t1"));
    tell(lease("replica-1", "t1", "DELETED"));
    assert.equal(ranking.delayMs(theirs), 0);
    assert.equal(clock.pendingTimers, 0);
  });
});

describe("membership", () => {
  it("is one Lease, renewed while the replica lives and taken away when it stops", async () => {
    const clock = new FakeClock();
    const kube = new FakeKube(() => clock.now());
    const end = new AbortController();
    const running = runMembership({ client: kube, namespace: "ns", identity: "replica-0", clock, log: silentLogger }, end.signal);
    await clock.advance(100);
    const renewals = new Set<string>();
    for (let round = 0; round < 4; round++) {
      const { items } = await kube.list(kinds.Lease, { namespace: "ns", labelSelector: MEMBER_LABEL });
      assert.equal(items.length, 1);
      renewals.add(items[0]?.spec?.renewTime ?? "");
      await clock.advance(2000);
    }
    assert.equal(renewals.size, 4);
    end.abort();
    await running;
    assert.deepEqual((await kube.list(kinds.Lease, { namespace: "ns" })).items, []);
    assert.equal(clock.pendingTimers, 0);
  });

  it("goes on when its Lease was deleted under it, and when the API server refuses for a while", async () => {
    const clock = new FakeClock();
    const kube = new FakeKube(() => clock.now());
    const end = new AbortController();
    const running = runMembership({ client: kube, namespace: "ns", identity: "replica-0", clock, log: silentLogger }, end.signal);
    await clock.advance(100);
    const [held] = (await kube.list(kinds.Lease, { namespace: "ns" })).items;
    assert.ok(held);
    await kube.delete(kinds.Lease, { namespace: "ns", name: held.metadata.name }, { uid: held.metadata.uid });
    await clock.advance(4000);
    assert.equal((await kube.list(kinds.Lease, { namespace: "ns" })).items.length, 1);
    end.abort();
    await running;
  });
});
