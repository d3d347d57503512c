import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { kinds } from "../../../../src/api/kinds.ts";
import { inProcessClient, type InProcessClient } from "../../../../src/apiserver/in-process-client.ts";
import { JOB, type JobStatus } from "../../../../src/apiserver/jobs/job.ts";
import { startJobController } from "../../../../src/apiserver/jobs/job-controller.ts";
import { startNode } from "../../../../src/apiserver/node/node.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { EmbeddedApiServer } from "../../../../src/apiserver/server.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";
import { seeded } from "./seeded.ts";

// The statuses that kube-controller-manager 1.37.2 wrote, in order, for the same jobs on a scripted node. The batch of one second is its own.
const KEY = { namespace: "default", name: "fix" };

function spell(status: JobStatus): string {
  const { active = 0, ready, terminating, succeeded = 0, failed = 0, uncountedTerminatedPods = {} } = status;
  const uncounted = [...(uncountedTerminatedPods.succeeded ?? []), ...(uncountedTerminatedPods.failed ?? [])].length;
  const conditions = (status.conditions ?? []).map(({ type, status: value, reason }) => `${value === "True" ? "" : "!"}${type}(${reason})`);
  return [`${active}/${ready ?? "-"}/${terminating ?? "-"}`, `+${succeeded} -${failed} ?${uncounted}`, status.startTime ? "started" : "", status.completionTime ? "completed" : "", ...conditions].filter(Boolean).join(" ");
}

interface Scene {
  readonly client: InProcessClient;
  readonly uid: string;
}

interface Act {
  readonly atMs: number;
  readonly act: (scene: Scene) => void;
}

async function record(spec: JsonObject, annotations: JsonObject, ...acts: readonly Act[]): Promise<{ readonly statuses: readonly string[]; readonly pods: number }> {
  const clock = new FakeClock();
  const server = new EmbeddedApiServer({ clock, random: seeded() });
  const { handle } = server;
  const node = startNode({ handle, clock, mode: "script", bindMs: 5, startMs: 5, reportMs: 1 });
  const controller = startJobController({ handle, clock, random: () => 0, reactMs: 5, batchMs: 1000 });
  const client = inProcessClient({ handle });
  const statuses: string[] = [];
  const stop = client.watch(JOB, server.resourceVersion, (event) => event.type !== "closed" && statuses.push(spell(event.object.status ?? {})));
  const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "main", image: "x" }] } };
  const body = { apiVersion: "batch/v1", kind: "Job", metadata: { name: "fix" }, spec: { parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: "Failed", ...spec, template } };
  const { uid } = client.create(JOB, "default", body).metadata;
  for (const { atMs, act } of acts) {
    await clock.advance(atMs - clock.monotonic());
    act({ client, uid });
  }
  await clock.advance(20_000);
  const pods = client.list(kinds.Pod).items.length;
  stop();
  controller.stop();
  await node.stop();
  server.close();
  assert.equal(clock.pendingTimers, 0);
  return { statuses: statuses.filter((text, index) => text !== statuses[index - 1]), pods };
}

describe("the status of a job, write by write as kube-controller-manager", () => {
  it("suspended, resumed, succeeded", async () => {
    const resume: Act = { atMs: 900, act: ({ client, uid }) => void client.patch(JOB, KEY, { metadata: { uid }, spec: { suspend: false } }) };
    const { statuses } = await record({ suspend: true }, { "ro.dev/script": '{"runMs": 1500}' }, resume);
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "0/0/0 +0 -0 ?0 Suspended(JobSuspended)",
      "1/0/0 +0 -0 ?0 started !Suspended(JobResumed)",
      "1/1/0 +0 -0 ?0 started !Suspended(JobResumed)",
      "0/0/0 +0 -0 ?1 started !Suspended(JobResumed) SuccessCriteriaMet(CompletionsReached)",
      "0/0/0 +1 -0 ?0 started completed !Suspended(JobResumed) SuccessCriteriaMet(CompletionsReached) Complete(CompletionsReached)",
    ]);
  });

  it("failed", async () => {
    const { statuses } = await record({}, { "ro.dev/script": '{"exitCode": 3}' });
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "1/0/0 +0 -0 ?0 started",
      "0/0/0 +0 -0 ?1 started FailureTarget(BackoffLimitExceeded)",
      "0/0/0 +0 -1 ?0 started FailureTarget(BackoffLimitExceeded) Failed(BackoffLimitExceeded)",
    ]);
  });

  it("past its deadline, with a pod that takes its time", async () => {
    const { statuses } = await record({ activeDeadlineSeconds: 2 }, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "1500" });
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "1/0/0 +0 -0 ?0 started",
      "1/1/0 +0 -0 ?0 started",
      "0/0/1 +0 -0 ?1 started FailureTarget(DeadlineExceeded)",
      "0/0/1 +0 -1 ?0 started FailureTarget(DeadlineExceeded)",
      "0/0/0 +0 -1 ?0 started FailureTarget(DeadlineExceeded)",
      "0/0/0 +0 -1 ?0 started FailureTarget(DeadlineExceeded) Failed(DeadlineExceeded)",
    ]);
  });

  it("deleted while its pod runs: the pod is let go at once, and not counted", async () => {
    const remove: Act = { atMs: 3000, act: ({ client, uid }) => client.delete(JOB, KEY, { uid, propagation: "Foreground" }) };
    const { statuses, pods } = await record({}, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "1500" }, remove);
    assert.deepEqual(statuses, ["0/-/- +0 -0 ?0", "1/0/0 +0 -0 ?0 started", "1/1/0 +0 -0 ?0 started", "0/0/1 +0 -0 ?0 started"]);
    assert.equal(pods, 0);
  });

  it("suspended while its pod runs: the pod is discarded, the job has not failed", async () => {
    const suspend: Act = { atMs: 3000, act: ({ client, uid }) => void client.patch(JOB, KEY, { metadata: { uid }, spec: { suspend: true } }) };
    const { statuses, pods } = await record({}, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "500" }, suspend);
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "1/0/0 +0 -0 ?0 started",
      "1/1/0 +0 -0 ?0 started",
      "0/0/1 +0 -0 ?0 Suspended(JobSuspended)",
      "0/0/0 +0 -0 ?0 Suspended(JobSuspended)",
    ]);
    assert.equal(pods, 0);
  });
});
