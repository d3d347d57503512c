import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, it } from "node:test";
import { generate } from "selfsigned";
import { startEmbeddedCluster, type EmbeddedCluster } from "../../src/apiserver/embedded-cluster.ts";
import { kinds } from "../../src/api/kinds.ts";
import { MEMBER_LABEL } from "../../src/controller/rank/membership.ts";
import { connect } from "../../src/kube/connect.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { EMBEDDED_TOKENS, embeddedApiOf, installCrds, testCluster, type TestCluster } from "../support/cluster.ts";
import { ro, roEnds, says, type RoProcess } from "../support/ro-process.ts";
import { watchNamespace } from "../support/watched.ts";

/** What `ro run` promises: from SIGTERM to its end. */
const PROMISED_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), "ro-commands-"));
after(() => rmSync(folder, { recursive: true }));

interface World extends AsyncDisposable {
  readonly embedded: EmbeddedCluster;
  readonly cluster: TestCluster;
  /** A kubeconfig of the user `replica`. */
  readonly kubeconfig: string;
}

/** An embedded API server with everything that a replica needs, and a user for the replica. */
async function world(name: string): Promise<World> {
  const embedded = await startEmbeddedCluster({ tokens: EMBEDDED_TOKENS, controllers: true, node: "script" });
  const cluster = await testCluster(embeddedApiOf(embedded));
  const kubeconfig = join(folder, name);
  writeFileSync(kubeconfig, embedded.listening.kubeconfig("replica"));
  return {
    embedded,
    cluster,
    kubeconfig,
    async [Symbol.asyncDispose]() {
      await cluster[Symbol.asyncDispose]();
      await embedded.stop();
    },
  };
}

function replica({ kubeconfig, cluster }: World, identity: string): RoProcess {
  return ro(["run", "--kubeconfig", kubeconfig, "--namespace", cluster.namespace, "--identity", identity, "--http-port", "0"]);
}

/** Resolves when it holds, looked at every few milliseconds. */
async function comesTrue(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > endMs) throw new Error(`it never came true that ${what}`);
    await systemClock.sleep(5);
  }
}

/** Tells a process to end; how it ended and how long that took. */
async function told(child: RoProcess, signal: NodeJS.Signals) {
  const startMs = performance.now();
  child.kill(signal);
  const ended = await child.ended;
  return { ...ended, tookMs: ended.atMs - startMs };
}

describe("ro run that can not start", () => {
  it("says that the namespace does not exist, and ends with 2", async () => {
    await using stage = await world("no-namespace");
    const { code, stderr, stdout } = await roEnds(["run", "--kubeconfig", stage.kubeconfig, "--namespace", "nowhere", "--http-port", "0"]);
    assert.deepEqual({ code, stdout, stderr }, { code: 2, stdout: "", stderr: "namespace nowhere does not exist: create it: `kubectl create namespace nowhere`\n" });
  });

  it("says which CRDs are missing and how to apply them, and ends with 2", async () => {
    await using embedded = await startEmbeddedCluster({ tokens: { replica: { name: "replica", groups: [] } }, namespaces: ["kubernaut-system"] });
    const kubeconfig = join(folder, "no-crds");
    writeFileSync(kubeconfig, embedded.listening.kubeconfig("replica"));
    const { code, stderr } = await roEnds(["run", "--kubeconfig", kubeconfig, "--http-port", "0"]);
    assert.equal(code, 2, stderr);
    const lines = stderr.trim().split("\n");
    assert.equal(lines.length, 1, stderr);
    for (const plural of ["remediationrequests", "workflowexecutions", "remediationworkflows"]) assert.ok(lines[0]?.includes(`${plural}.kubernaut.ai`), plural);
    assert.match(stderr, /apply the CRDs: `ro crds \| kubectl apply --server-side -f -`/);
  });

  it("says which rights are missing, a line per resource, and once what to apply, and ends with 2", async () => {
    await using stage = await world("no-rights");
    stage.embedded.server.refuse({ user: "replica", plural: "leases" });
    stage.embedded.server.refuse({ user: "replica", plural: "jobs", verb: "create" });
    const { code, stderr } = await roEnds(["run", "--kubeconfig", stage.kubeconfig, "--namespace", stage.cluster.namespace, "--http-port", "0"]);
    assert.equal(code, 2, stderr);
    const [heading, ...lines] = stderr.trim().split("\n");
    assert.equal(heading, `rights are missing in namespace ${stage.cluster.namespace}:`);
    assert.deepEqual(lines.slice(0, -1).map((line) => line.trim().replaceAll(/ +/g, " ")), ["leases.coordination.k8s.io get, list, watch, create, update, delete", "jobs.batch create"]);
    assert.match(lines.at(-1) ?? "", /^apply the rights: `kubectl apply --server-side -f deploy\/rbac\.yaml`/);
  });

  it("lists a right to see its own namespace among the rights", async () => {
    await using stage = await world("hidden-namespace");
    stage.embedded.server.refuse({ user: "replica", plural: "namespaces" });
    const { code, stderr } = await roEnds(["run", "--kubeconfig", stage.kubeconfig, "--namespace", stage.cluster.namespace, "--http-port", "0"]);
    assert.equal(code, 2, stderr);
    assert.match(stderr, /\n {2}namespaces +get\napply the rights/);
  });

  it("says that its port is taken, without a stack, and ends with 2", async () => {
    await using stage = await world("busy-port");
    await using first = replica(stage, "first");
    const line = await first.line(says("replica at work"));
    const port = /"http":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(line)?.[1] ?? "";
    const { code, stderr } = await roEnds(["run", "--kubeconfig", stage.kubeconfig, "--namespace", stage.cluster.namespace, "--http-port", port]);
    assert.deepEqual({ code, stderr }, { code: 2, stderr: `port ${port} is taken: choose another one with --http-port or http.port, 0 for any that is free\n` });
  });

  it("says what is wrong with the server's certificate: not trusted, expired, another host's", async () => {
    await using stage = await world("certificates");
    const foreign = await certificate("127.0.0.1", "2099-01-01");
    const expired = await certificate("127.0.0.1", "2021-01-01");
    const elsewhere = await certificate("example.com", "2099-01-01");
    const untrusted = await runAgainst(stage.embedded.listening.url, foreign.cert);
    assert.match(untrusted, /can not be trusted: its certificate is not from an authority that is trusted here/);
    for (const [pair, what] of [[expired, /can not be trusted: its certificate has expired/], [elsewhere, /can not be trusted: its certificate is for another host/]] as const) {
      const { url, server } = await tlsServer(pair);
      assert.match(await runAgainst(url, pair.cert), what);
      server.close();
    }
  });
});

interface Pair {
  readonly cert: string;
  readonly private: string;
}

function certificate(host: string, until: string): Promise<Pair> {
  const altNames = [/^[\d.]+$/.test(host) ? ({ type: 7, ip: host } as const) : ({ type: 2, value: host } as const)];
  return generate([{ name: "commonName", value: host }], {
    keyType: "ec",
    algorithm: "sha256",
    notBeforeDate: new Date("2020-01-01"),
    notAfterDate: new Date(until),
    extensions: [{ name: "basicConstraints", cA: true }, { name: "keyUsage", digitalSignature: true, keyCertSign: true }, { name: "extKeyUsage", serverAuth: true }, { name: "subjectAltName", altNames }],
  });
}

async function tlsServer({ cert, private: key }: Pair): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer({ cert, key });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** What `ro run` says against a server, trusting `caPem`. */
async function runAgainst(url: string, caPem: string): Promise<string> {
  const kubeconfig = join(mkdtempSync(join(folder, "tls-")), "config");
  const cluster = { server: url, "certificate-authority-data": Buffer.from(caPem).toString("base64") };
  writeFileSync(kubeconfig, JSON.stringify({ apiVersion: "v1", kind: "Config", clusters: [{ name: "c", cluster }], users: [{ name: "u", user: { token: "t" } }], contexts: [{ name: "x", context: { cluster: "c", user: "u" } }], "current-context": "x" }));
  const { code, stderr } = await roEnds(["run", "--kubeconfig", kubeconfig, "--http-port", "0"]);
  assert.equal(code, 2, stderr);
  assert.doesNotMatch(stderr, /\n\s+at |does not answer/);
  return stderr;
}

describe("ro run that is told to stop", () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    it(`during its first questions ends with 0, although nobody answers them (${signal})`, async () => {
      await using stage = await world(`start-${signal}`);
      stage.embedded.faults.add({ match: { user: "replica" }, action: { kind: "hang-request" } });
      const before = stage.embedded.listening.connections;
      await using child = replica(stage, "early");
      await comesTrue("it has connected", () => stage.embedded.listening.connections > before);
      const { code, signal: by, stderr, stdout, tookMs } = await told(child, signal);
      assert.deepEqual({ code, by, stderr }, { code: 0, by: null, stderr: "" });
      assert.ok(tookMs < PROMISED_MS, `${tookMs} ms`);
      assert.match(stdout, /"msg":"stopping"[^]*"msg":"stopped"/);
    });
  }

  it("while its caches are being filled ends with 0, and says nothing of being at work", async () => {
    await using stage = await world("filling");
    // Leases are listed by the caches only.
    stage.embedded.faults.add({ match: { user: "replica", kind: "Lease", verbs: ["list"] }, action: { kind: "hang-request" } });
    await using child = replica(stage, "early");
    await comesTrue("a cache that is not held up is being watched", () => stage.embedded.server.log.count({ user: "replica", verb: "watch" }) > 0);
    const { code, stdout, stderr, tookMs } = await told(child, "SIGTERM");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.ok(tookMs < PROMISED_MS, `${tookMs} ms`);
    assert.doesNotMatch(stdout, /replica at work/);
  });

  it("in the middle of a storm ends with 0 in time, leaves no membership behind, and another replica goes on", async () => {
    await using stage = await world("storm");
    const { cluster } = stage;
    await cluster.workflow("restart", undefined, { runMs: 1500, exitCode: 0 });
    await using watched = await watchNamespace(cluster.client, cluster.namespace);
    await using leaving = replica(stage, "leaving");
    await using staying = replica(stage, "staying");
    await Promise.all([leaving, staying].map((child) => child.line(says("replica at work"))));
    for (let at = 1; at <= 10; at++) await cluster.alert(`rr-${at}`);
    await watched.until("the workflow runs", () => watched.executions.some(({ object }) => object.status?.phase === "Running"));
    const { code, stderr, stdout, tookMs } = await told(leaving, "SIGTERM");
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    assert.ok(tookMs < PROMISED_MS, `${tookMs} ms`);
    assert.match(stdout, /"msg":"stopped"/);
    assert.deepEqual(await members(cluster), ["staying"]);
    await watched.until("all ten ended Remediated", () => watched.latest().filter(({ status }) => status?.completionStatus?.outcome === "Remediated").length === 10, 60_000);
    assert.equal(cluster.ledger().length, 1, "one workflow ran");
    assert.equal((await told(staying, "SIGTERM")).code, 0);
    assert.deepEqual((await cluster.client.list(kinds.Lease, { namespace: cluster.namespace })).items.map(({ metadata }) => metadata.name), []);
  });

  it("by an API server that is frozen ends with 1 within 10 s, and says what it could not give back", async () => {
    const kubeconfig = join(folder, "frozen");
    await using server = ro(["apiserver", "--port", "0", "--write-kubeconfig", kubeconfig]);
    await server.line((line) => line.includes("Ctrl-C ends it"));
    await using child = await readyOn(kubeconfig);
    server.kill("SIGSTOP");
    const { code, signal, stdout, tookMs } = await told(child, "SIGTERM");
    assert.deepEqual({ code, signal }, { code: 1, signal: null }, stdout);
    assert.ok(tookMs < PROMISED_MS, `${tookMs} ms`);
    const last = JSON.parse(stdout.trim().split("\n").at(-1) ?? "{}") as { readonly msg?: string; readonly inHand?: readonly string[] };
    assert.equal(last.msg, "stopped by force");
    assert.ok(last.inHand?.includes("the membership Lease"), stdout);
  });

  it("a second time ends with 1 at once, and says what was in hand", async () => {
    await using stage = await world("twice");
    await using child = replica(stage, "impatient");
    await child.line(says("replica at work"));
    await comesTrue("it is a member", () => stage.embedded.server.log.count({ user: "replica", verb: "create", kind: "Lease" }) > 0);
    stage.embedded.faults.add({ match: { user: "replica" }, action: { kind: "hang-request" } });
    child.kill("SIGTERM");
    await child.line(says("stopping"));
    const { code, stdout } = await told(child, "SIGTERM");
    assert.equal(code, 1);
    assert.match(stdout, /"why":"told a second time","inHand":\["the membership Lease"\],"msg":"stopped by force"/);
  });
});

/** A replica at work on the server of `kubeconfig`, which has nothing yet. */
async function readyOn(kubeconfig: string): Promise<RoProcess> {
  const connection = await connect({ kubeconfig, env: {}, clock: systemClock, userAgent: "test" });
  await connection.client.create(kinds.Namespace, { apiVersion: "v1", kind: "Namespace", metadata: { name: "kubernaut-system" } });
  await installCrds(connection.client);
  await connection.close();
  const child = ro(["run", "--kubeconfig", kubeconfig, "--identity", "frozen-out", "--http-port", "0"]);
  await child.line(says("replica at work"));
  return child;
}

async function members({ client, namespace }: TestCluster): Promise<readonly string[]> {
  const { items } = await client.list(kinds.Lease, { namespace, labelSelector: MEMBER_LABEL });
  return items.map(({ spec }) => spec?.holderIdentity ?? "");
}

describe("ro demo and ro dev that are told to end", () => {
  for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) {
    it(`leave neither files nor processes behind: demo, ${signal}`, async () => {
      const own = mkdtempSync(join(folder, "demo-"));
      await using child = ro(["demo"], { TMPDIR: own });
      await comesTrue("its processes are being started", () => readdirSync(own, { recursive: true }).length > 1);
      // It has ended only when all who hold its output have: its processes among them.
      const { code, stderr } = await told(child, signal);
      assert.equal(code, 1, "it has not shown what it claims");
      assert.match(stderr, /Interrupted/);
      assert.deepEqual(readdirSync(own), []);
    });
  }

  it("end with 0: dev and apiserver", async () => {
    for (const [command, sign] of [["dev", "kubectl get rr -w"], ["apiserver", "Ctrl-C ends it"]] as const) {
      await using child = ro([command, "--port", "0", "--write-kubeconfig", join(folder, command, "config")]);
      await child.line((line) => line.includes(sign));
      const { code, stderr, tookMs } = await told(child, "SIGTERM");
      assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      assert.ok(tookMs < PROMISED_MS, `${tookMs} ms`);
    }
  });
});
