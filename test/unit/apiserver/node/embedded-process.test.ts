import assert from "node:assert/strict";
import { it, type TestContext } from "node:test";
import { kinds } from "../../../../src/api/kinds.ts";
import { inProcessClient, type InProcessClient } from "../../../../src/apiserver/in-process-client.ts";
import { finishedCondition, JOB, type Job } from "../../../../src/apiserver/jobs/job.ts";
import { startJobController } from "../../../../src/apiserver/jobs/job-controller.ts";
import { startNode, type RunningNode } from "../../../../src/apiserver/node/node.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { EmbeddedApiServer } from "../../../../src/apiserver/server.ts";
import { systemClock } from "../../../../src/lib/clock.ts";

const KEY = { namespace: "default", name: "fix" };
const skip = process.platform === "win32" ? "needs a POSIX shell" : false;

interface World {
  readonly client: InProcessClient;
  readonly node: RunningNode;
  /** Resolves with the first line that any container prints. */
  readonly firstLine: Promise<string>;
}

function world(t: TestContext): World {
  const clock = systemClock;
  const { handle, close } = bound(new EmbeddedApiServer({ clock }));
  const line = Promise.withResolvers<string>();
  const node = startNode({ handle, clock, mode: "process", baseEnv: { PATH: process.env["PATH"] ?? "/usr/bin:/bin" }, onLine: (_, text) => line.resolve(text) });
  const jobs = startJobController({ handle, clock, random: Math.random });
  t.after(async () => {
    jobs.stop();
    await node.stop();
    close();
  });
  return { client: inProcessClient({ handle }), node, firstLine: line.promise };
}

function bound(server: EmbeddedApiServer): { readonly handle: EmbeddedApiServer["handle"]; readonly close: () => void } {
  return { handle: server.handle, close: () => server.close() };
}

function create(client: InProcessClient, script: string, env: readonly JsonObject[] = []): Job {
  const template = { spec: { restartPolicy: "Never", containers: [{ name: "main", image: "x", command: ["sh", "-c", script], env }] } };
  return client.create(JOB, "default", { apiVersion: "batch/v1", kind: "Job", metadata: { name: "fix" }, spec: { parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: "Failed", template } });
}

function until(client: InProcessClient, holds: (job: Job | undefined) => boolean): Promise<void> {
  return new Promise((resolve) => {
    const { resourceVersion, items } = client.list(JOB);
    if (holds(items.at(0))) return resolve();
    const stop = client.watch(JOB, resourceVersion, (event) => {
      if (event.type === "closed" || !holds(event.type === "DELETED" ? undefined : event.object)) return;
      stop();
      resolve();
    });
  });
}

it("a job's command really runs, as a process, with its environment; its output is the pod's log", { skip }, async (t) => {
  const { client, node } = world(t);
  create(client, 'echo "$RO_RUN_ID $POD"', [{ name: "RO_RUN_ID", value: "7" }, { name: "POD", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } }]);
  await until(client, (job) => job !== undefined && finishedCondition(job) !== undefined);
  const [ran] = node.ledger;
  assert.equal(finishedCondition(client.get(JOB, KEY) ?? assert.fail())?.type, "Complete");
  assert.equal(ran?.exitCode, 0);
  assert.deepEqual(node.logOf(ran.podUid), [`7 ${ran.podName}`]);
});

it("a job deleted in the foreground is gone only when its process has cleaned up and ended", { skip }, async (t) => {
  const { client, node, firstLine } = world(t);
  const { uid } = create(client, 'trap "sleep 0.1; exit 4" TERM; echo up; while :; do sleep 0.02; done').metadata;
  await firstLine;
  client.delete(JOB, KEY, { uid, propagation: "Foreground" });
  await until(client, (job) => job === undefined);
  assert.equal(node.ledger.at(0)?.exitCode, 4);
  assert.equal(client.list(kinds.Pod).items.length, 0);
});

it("what runs dies with the node, and the ledger says when", { skip }, async (t) => {
  const { client, node, firstLine } = world(t);
  create(client, "echo up; sleep 1000");
  await firstLine;
  await node.stop();
  assert.equal(node.ledger.at(0)?.exitCode, 137);
});
