import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SelfSubjectAccessReview } from "../../../src/api/access-review.ts";
import { kinds } from "../../../src/api/kinds.ts";
import { WORKERS } from "../../../src/config.ts";
import { KubeError } from "../../../src/kube/kube-error.ts";
import type { Writer } from "../../../src/kube/ports.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { silentLogger, type LogFields, type Logger } from "../../../src/lib/log.ts";
import { neededRights } from "../../../src/needed-rights.ts";
import { RightsWatch } from "../../../src/rights-watch.ts";

const NEEDED = neededRights(WORKERS).length;
const createLease = { verb: "create", kind: kinds.Lease, namespace: "ro" };
const getPod = { verb: "get", kind: kinds.Pod, namespace: "shop" };

/** An authorizer from which rights can be taken, and a watch over it in virtual time. */
async function setUp() {
  const clock = new FakeClock();
  const taken = new Set<string>();
  const lines: (readonly [string, LogFields | undefined])[] = [];
  const counted: object[] = [];
  let asked = 0;
  let failure: KubeError | undefined;
  const create = async (_kind: unknown, draft: unknown): Promise<SelfSubjectAccessReview> => {
    asked++;
    if (failure) throw failure;
    // Only access reviews are created here.
    const review = draft as SelfSubjectAccessReview;
    const { verb = "", resource = "" } = review.spec.resourceAttributes ?? {};
    return { ...review, status: { allowed: !taken.has(`${verb} ${resource}`) } };
  };
  const write = (message: string, fields?: LogFields): void => void lines.push([message, fields]);
  const log: Logger = { ...silentLogger, info: write, warn: write, error: write };
  const client = { create } as Pick<Writer, "create">;
  const watch = new RightsWatch({ client, namespace: "ro", workers: WORKERS, clock, random: () => 0.5, log, count: (missing) => void counted.push(missing) });
  const end = new AbortController();
  const running = watch.run(end.signal);
  await clock.advance(0);
  return {
    clock,
    taken,
    lines,
    counted,
    watch,
    get asked() {
      return asked;
    },
    failWith: (error: KubeError | undefined) => void (failure = error),
    async [Symbol.asyncDispose]() {
      end.abort();
      await clock.advance(0);
      await running;
      assert.equal(clock.pendingTimers, 0);
    },
  };
}

describe("the watch over our rights", () => {
  it("asks about each right once a minute, and is silent while all are there", async () => {
    await using world = await setUp();
    await world.clock.advance(59_000);
    assert.equal(world.asked, 0);
    await world.clock.advance(1000);
    assert.equal(world.asked, NEEDED);
    await world.clock.advance(61_000);
    assert.equal(world.asked, 2 * NEEDED);
    assert.deepEqual(world.lines, []);
    assert.equal(world.watch.missing(), undefined);
  });

  it("notices within a minute what nobody has needed yet, and says it in one line", async () => {
    await using world = await setUp();
    world.taken.add("delete leases").add("create jobs");
    await world.clock.advance(60_000);
    assert.match(world.watch.missing() ?? "", /^may not delete leases\.coordination\.k8s\.io in ro; create jobs\.batch in ro: apply/);
    assert.deepEqual(world.lines, [["rights are missing, nothing new is started", { missing: ["delete leases.coordination.k8s.io in ro", "create jobs.batch in ro"], apply: "deploy/rbac.yaml" }]]);
    assert.deepEqual(world.counted, [{ needed: 2, targets: 0 }]);
    await world.clock.advance(60_000);
    assert.equal(world.lines.length, 1, "not again");
  });

  it("looks at once when something is refused, and not again for what is known", async () => {
    await using world = await setUp();
    world.taken.add("create leases");
    world.watch.refused(createLease);
    await world.clock.advance(0);
    assert.equal(world.asked, NEEDED);
    for (let at = 0; at < 100; at++) world.watch.refused(createLease);
    await world.clock.advance(4000);
    assert.equal(world.asked, NEEDED);
    assert.equal(world.lines.length, 1);
  });

  it("sees within six seconds that a right was given back", async () => {
    await using world = await setUp();
    world.taken.add("create leases");
    world.watch.refused(createLease);
    await world.clock.advance(20_000);
    world.taken.clear();
    await world.clock.advance(6000);
    assert.equal(world.watch.missing(), undefined);
    assert.deepEqual(world.lines.at(-1), ["rights are there again", { regained: ["create leases.coordination.k8s.io in ro"], missing: [] }]);
  });

  it("confirms to whom was refused, many at the price of one", async () => {
    await using world = await setUp();
    world.taken.add("create leases");
    const confirmed = Promise.all(Array.from({ length: 50 }, () => world.watch.confirm()));
    await world.clock.advance(0);
    assert.deepEqual([...new Set(await confirmed)].map((text) => text?.slice(0, 24)), ["may not create leases.co"]);
    assert.equal(world.asked, NEEDED);
  });

  it("does not take an admission plugin's refusal for a missing right", async () => {
    await using world = await setUp();
    world.watch.refused(createLease);
    const confirmed = world.watch.confirm();
    await world.clock.advance(2000);
    assert.equal(await confirmed, undefined);
    assert.deepEqual(world.lines, []);
  });

  it("keeps what it knew while the API server does not answer", async () => {
    await using world = await setUp();
    world.failWith(new KubeError("Unreachable", "down"));
    await world.clock.advance(60_000);
    assert.equal(world.watch.missing(), undefined);
    world.failWith(undefined);
    world.taken.add("create leases");
    await world.clock.advance(61_000);
    world.failWith(new KubeError("Unreachable", "down"));
    world.taken.clear();
    await world.clock.advance(10_000);
    assert.match(world.watch.missing() ?? "", /create leases/);
  });

  it("has no right, as far as it knows, when it may not even ask", async () => {
    await using world = await setUp();
    world.failWith(new KubeError("Forbidden", "no reviews for you"));
    await world.clock.advance(60_000);
    assert.deepEqual(world.counted, [{ needed: NEEDED, targets: 0 }]);
  });

  it("speaks of a target that may not be read, holds nothing else up for it, and stops when it can be read", async () => {
    await using world = await setUp();
    world.taken.add("get pods");
    world.watch.refused(getPod);
    await world.clock.advance(1000);
    assert.equal(world.watch.missing(), undefined);
    assert.match(world.watch.missingForTargets() ?? "", /^may not get pods in shop/);
    assert.deepEqual(world.lines.map(([message]) => message), ["targets can not be read, their remediations wait"]);
    world.taken.clear();
    await world.clock.advance(6000);
    assert.equal(world.watch.missingForTargets(), undefined);
  });

  it("lets nobody wait who asks while it ends", async () => {
    const world = await setUp();
    const confirmed = world.watch.confirm();
    await world[Symbol.asyncDispose]();
    assert.equal(await confirmed, undefined);
  });
});
