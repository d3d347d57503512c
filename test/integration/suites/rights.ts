import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { App } from "../../../src/app.ts";
import { kinds } from "../../../src/api/kinds.ts";
import type { LogFields, Logger } from "../../../src/lib/log.ts";
import { testCluster, type TestApi, type TestCluster } from "../../support/cluster.ts";
import { watchNamespace, type Watched } from "../../support/watched.ts";

interface World {
  readonly api: TestApi;
  readonly cluster: TestCluster;
  readonly watched: Watched;
}

/** What a replica does when rights are taken from it while it works, and when they are given back. */
export function rightsSuite(name: string, startApi: () => Promise<TestApi>): void {
  const story = (what: string, tell: (world: World) => Promise<void>): void =>
    void it(what, async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await using watched = await watchNamespace(cluster.client, cluster.namespace);
      await tell({ api, cluster, watched });
    });

  describe(`a right that goes missing (${name})`, () => {
    story("without the right to create Leases nothing is started: log, condition and /readyz say so, and it goes on when the right is back", async ({ api, cluster, watched }) => {
      const log = new Lines();
      await cluster.workflow("restart");
      const app = await cluster.startReplica("replica-0", { log });
      const giveBack = await api.withdraw(cluster.namespace, "create leases.coordination.k8s.io");
      await cluster.alert("rr-a");
      await hindered(watched, "rr-a", /may not create leases\.coordination\.k8s\.io in test-/);
      const { status, text } = await readyz(app);
      assert.equal(status, 503);
      assert.match(text, /\[-\] rights: may not create leases\.coordination\.k8s\.io in test-\w+: apply deploy\/rbac\.yaml/);
      assert.equal(watched.executions.length, 0, "nothing was started");
      await lookedAtAgain(app);
      assert.deepEqual(log.at("error"), ["rights are missing, nothing new is started"], "said once, however often it was tried");
      assert.deepEqual(log.at("warn").filter((line) => line !== "membership not renewed, other replicas act first meanwhile"), []);
      assert.match(await (await fetch(`${app.httpUrl}/metrics`)).text(), /ro_rights_missing\{scope="needed"\} 1/);
      await giveBack();
      await watched.until("rr-a ended", () => watched.latest().some(({ status }) => status?.completionStatus?.outcome === "Remediated"));
      assert.equal(cluster.ledger().length, 1);
      assert.equal((await readyz(app)).status, 200);
    });

    story("without the right to create Jobs no workflow is launched that could not be run, and the one that was goes on when the right is back", async ({ api, cluster, watched }) => {
      await cluster.workflow("restart");
      const app = await cluster.startReplica("replica-0");
      const giveBack = await api.withdraw(cluster.namespace, "create jobs.batch");
      await cluster.alert("rr-a");
      // Nothing was refused so far, so it gets as far as the Job; there it stops.
      await until("it says that it may not create Jobs", async () => (await readyz(app)).text.includes("create jobs.batch"));
      assert.equal(cluster.ledger().length, 0);
      await cluster.alert("rr-b", "Another", { apiVersion: "apps/v1", kind: "Deployment", name: "other", namespace: cluster.namespace });
      await hindered(watched, "rr-b", /create jobs\.batch/);
      assert.equal(watched.executions.filter(({ object }) => object.spec.remediationRequestRef.name === "rr-b").length, 0);
      await giveBack();
      await watched.until("rr-a ended", () => watched.latest().some(({ metadata, status }) => metadata.name === "rr-a" && status?.completedAt !== undefined));
      await watched.until("both were run", () => new Set(watched.executions.filter(({ object }) => object.status?.phase === "Completed").map(({ object }) => object.metadata.uid)).size === 2);
      assert.equal(cluster.ledger().length, 2);
    });

    story("what can not be written in the status is said in the log and in /readyz", async ({ api, cluster, watched }) => {
      const log = new Lines();
      const app = await cluster.startReplica("replica-0", { log });
      const giveBack = await api.withdraw(cluster.namespace, "update remediationrequests.kubernaut.ai/status");
      await cluster.alert("rr-a");
      await until("it is not ready", async () => (await readyz(app)).status === 503);
      assert.match((await readyz(app)).text, /update remediationrequests\.kubernaut\.ai\/status/);
      assert.equal(watched.latest()[0]?.status?.overallPhase, undefined);
      await giveBack();
      await watched.until("rr-a moves", () => watched.latest()[0]?.status?.overallPhase !== undefined);
      await until("it is ready", async () => (await readyz(app)).status === 200);
    });

    it("a replica that lacks a right at its start does not start, and says which", async () => {
      await using api = await startApi();
      await using cluster = await testCluster(api);
      await api.replicaToken(cluster.namespace, 0);
      await api.withdraw(cluster.namespace, "delete leases.coordination.k8s.io");
      await assert.rejects(cluster.startReplica("replica-0"), { name: "StartupError", message: `rights are missing in namespace ${cluster.namespace}:\n  leases.coordination.k8s.io  delete\napply the rights: \`kubectl apply --server-side -f deploy/rbac.yaml\`, or bind its Role to this user` });
      assert.deepEqual((await cluster.client.list(kinds.Lease, { namespace: cluster.namespace })).items, []);
    });
  });
}

async function hindered(watched: Watched, name: string, message: RegExp): Promise<void> {
  const ready = () => watched.latest().find(({ metadata }) => metadata.name === name)?.status?.conditions?.find(({ type }) => type === "Ready");
  await watched.until(`${name} says that a right is missing`, () => ready()?.reason === "RightMissing");
  assert.match(ready()?.message ?? "", message);
  assert.equal(ready()?.status, "False");
}

async function readyz(app: App): Promise<{ readonly status: number; readonly text: string }> {
  const answer = await fetch(`${app.httpUrl}/readyz`);
  return { status: answer.status, text: await answer.text() };
}

/** Resolves once the replica has looked at its remediations two more times. */
async function lookedAtAgain(app: App): Promise<void> {
  const looks = async (): Promise<number> => Number(/reconcile_total\{controller="remediation",result="wait"\} (\d+)/.exec(await (await fetch(`${app.httpUrl}/metrics`)).text())?.[1] ?? 0);
  const before = await looks();
  await until("it has looked again", async () => (await looks()) >= before + 2);
}

/** Looks until it holds; fails after 20 seconds. */
async function until(what: string, condition: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > endMs) assert.fail(`it did not come to hold: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** A log that remembers its lines. */
class Lines implements Logger {
  readonly #lines: { readonly level: string; readonly message: string; readonly fields: LogFields | undefined }[] = [];

  debug(message: string, fields?: LogFields): void {
    this.#lines.push({ level: "debug", message, fields });
  }

  info(message: string, fields?: LogFields): void {
    this.#lines.push({ level: "info", message, fields });
  }

  warn(message: string, fields?: LogFields): void {
    this.#lines.push({ level: "warn", message, fields });
  }

  error(message: string, fields?: LogFields): void {
    this.#lines.push({ level: "error", message, fields });
  }

  with(): Logger {
    return this;
  }

  at(level: string): readonly string[] {
    return this.#lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
