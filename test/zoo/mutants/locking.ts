import { editsOf } from "../edit.ts";
import type { Mutant, NamedTest } from "../mutant.ts";

const giveBack = editsOf("locking/give-back.ts");
const claims = editsOf("locking/claims.ts");
const processLocks = editsOf("locking/process-locks.ts");
const heldLock = editsOf("locking/held-lock.ts");
const takeLease = editsOf("locking/take-lease.ts");
const verdict = editsOf("locking/verdict.ts");
const reaper = editsOf("locking/reaper.ts");
const engine = editsOf("remediation/routing/engine.ts");
const target = editsOf("api/target.ts");
const client = editsOf("kube/client.ts");
const undici = editsOf("kube/undici-transport.ts");
/** A release that asks nobody but the cache. */
const cachedRelease = claims("known?.on(facts.key).find(ours) ?? (await client.get(kinds.Lease, facts.at, options))", "client && known?.on(facts.key).find(ours)");

const handleTest = (named: string): NamedTest => ({ test: "test/unit/locking/claim-handle.test.ts", named });
const rivalsTest = (named: string): NamedTest => ({ test: "test/unit/locking/claim-rivals.test.ts", named });
const processTest = (named: string): NamedTest => ({ test: "test/unit/locking/process-locks.test.ts", named });
const heldTest = (named: string): NamedTest => ({ test: "test/unit/locking/held-lock.test.ts", named });
const nameTest = (named: string): NamedTest => ({ test: "test/unit/locking/lease-name.test.ts", named });

/** Giving back. */
const releases: readonly Mutant[] = [
  {
    id: "Z13a",
    what: "a Lease is deleted without preconditions",
    edits: [giveBack("{ uid, resourceVersion }, options);", "{}, options);")],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z13b",
    what: "a release justified by one look at the Lease is sent with another one's version",
    edits: [giveBack(`    if (!stillOurs(now)) return "moved-on";\n`, "")],
    by: handleTest("a release that another one overtakes leaves the new holder's Lease"),
  },
  {
    id: "Z13c",
    what: "whoever adopted a claim has it deleted by the one from whom it was adopted",
    edits: [giveBack("metadata.uid === uid && metadata.resourceVersion === resourceVersion", "metadata.uid === uid")],
    by: handleTest("Z13: the replica that created a claim does not delete it from under the one that adopted it"),
  },
  {
    id: "Z86",
    what: "a release goes after what another replica has made or adopted for the same holder meanwhile",
    edits: [claims("giveBack(client, lease, options)", "giveBack(client, lease, { ...options, stillOurs: ours })")],
    by: handleTest("a release leaves a claim that another replica has adopted for the same holder meanwhile (Z86)"),
  },
  {
    id: "Z14",
    what: "a renewal brings a deleted Lease back to life",
    edits: [heldLock("if (!seen || !this.#isOurs(seen)) {", "if (seen && !this.#isOurs(seen)) {"), client("if (!metadata.uid || !metadata.resourceVersion) throw", "if (!metadata.name) throw"), heldLock("client.replace(kinds.Lease, next, this.#callOptions())", "client.replace(kinds.Lease, { ...next, metadata: { ...next.metadata, uid: undefined, resourceVersion: undefined } }, this.#callOptions())")],
    by: heldTest("Z14: a renewal does not bring a deleted Lease back to life"),
  },
  {
    id: "Z24a",
    what: "a release is decided on a cached Lease",
    edits: [cachedRelease],
    by: handleTest("Z24: a release right after the acquisition finds the Lease, on any replica"),
  },
  {
    id: "Z24b",
    what: "a release is decided on a cached Lease, and no reaper looks again",
    edits: [cachedRelease, reaper("      await this.sweep();\n", "")],
    by: "simulation",
    breaks: ["L1", "E"],
  },
  {
    id: "Z42",
    what: "no reaper",
    edits: [reaper("      await this.sweep();\n", "")],
    by: "simulation",
    breaks: ["L1"],
  },
];

/** Taking. */
const acquisitions: readonly Mutant[] = [
  {
    id: "Z15a",
    what: "AlreadyExists is taken for lost although the Lease is one's own",
    edits: [verdict(`  if (by === asker.identity) return { kind: "mine" };\n`, "")],
    by: "simulation",
    breaks: ["L1"],
  },
  {
    id: "Z17a",
    what: "two remediations that one replica works on share a holder",
    edits: [claims("identity: claimIdentity(holder), replica", "identity: claimIdentity({ ...holder, name: replica, uid: replica }), replica")],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z17b",
    what: "two workers of one process share a holder",
    edits: [processLocks("return `${this.#deps.identity}/${++this.#acquisitions}-${mark}`;", "return mark ? this.#deps.identity : this.#deps.identity;")],
    by: processTest("Z17: two processes of one name do not take each other's lock for their own"),
  },
  {
    id: "Z18a",
    what: "the deadline of a lock counts from the answer to its creation",
    edits: [takeLease(`return { kind: "taken", how, lease: await write(), sent };`, `return { kind: "taken", how, lease: await write(), sent: { wallMs: deps.clock.now(), monotonicMs: deps.clock.monotonic() } };`)],
    by: heldTest("Z18: the deadline counts from before the creation was sent, not from its answer"),
  },
  {
    id: "Z18b",
    what: "the deadline of a lock counts from the answer to a renewal",
    edits: [heldLock("this.#callOptions()), sent);", "this.#callOptions()), this.#now());")],
    by: heldTest("Z18: the deadline counts from before a renewal was sent, not from its answer"),
  },
  {
    id: "Z19a",
    what: "a claim expires like a process-held Lease",
    edits: [verdict(`if (claim) return { kind: "claimed", by: claim };`, `if (claim) return unchangedForMs < 2000 ? { kind: "claimed", by: claim } : { kind: "vacant" };`)],
    by: { test: "test/unit/locking/verdict.test.ts", named: "Z19: another one's claim is claimed, at any age" },
  },
  {
    id: "Z19b",
    what: "the reaper frees a claim by its age",
    edits: [reaper(`return state === "over" ||`, `return this.#deps.clock.now() - Date.parse(lease.spec?.acquireTime ?? "") > 1000 || state === "over" ||`)],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z79",
    what: "the reaper frees a claim from under a launch that began by an older view of its holder",
    edits: [reaper(`state === "over" || (state === "idle" && this.#stayedIdle(lease, idleBefore))`, `state === "over" || (state === "idle" && (this.#stayedIdle(lease, idleBefore) || true))`)],
    by: { test: "test/unit/locking/reaper.test.ts", named: "Z79: a claim that is idle may be somebody's who is about to make something under it: it goes when it has stayed so for half a second" },
  },
  {
    id: "Z20a",
    what: "the cluster is not part of the lock's key",
    edits: [target("return clusterID ? `${clusterID}|${resource}` : resource;", "return clusterID ? resource : resource;")],
    by: nameTest("Z20: the cluster and the casing of Kind make another lock"),
  },
  {
    id: "Z20b",
    what: "the casing of Kind is not kept",
    edits: [target("const local = `${target.kind}/${target.name}`;", "const local = `${target.kind.toLowerCase()}/${target.name}`;")],
    by: { test: "test/unit/api/target.test.ts", named: "a namespaced target is namespace/Kind/name, a cluster-scoped one Kind/name, and the casing of Kind is kept" },
  },
  {
    id: "Z20c",
    what: "two targets whose hashes collide share a lock",
    edits: [verdict("if (key !== undefined && key !== asker.key) return", "if (key !== undefined && key === undefined) return")],
    by: rivalsTest("Z20: a Lease about another key is foreign, and stays as it is"),
  },
  {
    id: "Z21",
    what: "only the cache is asked whether the target is busy, no claim is taken",
    edits: [engine("const answer = await deps.claims.acquire(target, holderOf(rr), options);", `const free = { target, holder: holderOf(rr), fence: "0", keep: () => undefined, [Symbol.asyncDispose]: async () => undefined };\n      const answer = { kind: "held", how: "created", claim: free };`)],
    by: "simulation",
    breaks: ["E"],
  },
  {
    id: "Z25",
    what: "an own Lease in the cache is taken for the claim, although it was given back",
    edits: [
      claims("    const taken = await takeLease(", `    const [cached] = this.#deps.known?.on(facts.key) ?? [];
    if (cached?.spec?.holderIdentity === facts.identity) return { kind: "held", how: "adopted", claim: this.#handle(target, holder, { lease: cached, how: "adopted" }, leave) };
    const taken = await takeLease(`),
    ],
    by: handleTest("Z25: a cache that still shows the own old Lease is not taken for the claim"),
  },
  {
    id: "Z106",
    what: "a Lease is taken over at whatever version is there: from the one who was first",
    edits: [takeLease("() => deps.client.replace(kinds.Lease, form.onto(lease), options)", "async () => deps.client.replace(kinds.Lease, form.onto((await deps.client.get(kinds.Lease, form.at, options)) ?? lease), options)")],
    by: rivalsTest("a Lease that nobody holds goes to the first of two who take it over (Z106)"),
  },
];

/** Adoption. */
const adoptions: readonly Mutant[] = [
  {
    id: "Z63",
    what: "a claim is given back by a replica that adopted it, from under the one that took it first",
    edits: [claims(`how === "adopted" ? Promise.resolve() : this.#dispose(lease)`, "this.#dispose(lease)")],
    by: handleTest("an adopted claim stays when its handle goes: whoever took it first may have done something under it"),
  },
];

/** Requests. */
const requests: readonly Mutant[] = [
  {
    id: "Z16a",
    what: "the client sends a write again",
    edits: [client(`return parse(await send(deps, { verb: "create", kind, path: pathOf(kind, draft.metadata.namespace), body: draft }, options));`, `const again = () => send(deps, { verb: "create", kind, path: pathOf(kind, draft.metadata.namespace), body: draft }, options);\n      return parse(await again().catch(again));`)],
    by: { test: "test/unit/kube/client-retries.test.ts", named: "create is sent once, whatever becomes of it" },
  },
  {
    id: "Z16b",
    what: "the connection sends a write again that was refused with 401",
    edits: [undici(`|| request.method !== "GET") return answer;`, ") return answer;")],
    by: { test: "test/unit/kube/undici-transport.test.ts", named: "a write that was refused with 401 is not sent again, but the next one has new credentials" },
  },
];

/** Bugs of locks and of the client: E, and what only a contract of a part can see. */
export const lockingMutants: readonly Mutant[] = [...releases, ...acquisitions, ...adoptions, ...requests];
