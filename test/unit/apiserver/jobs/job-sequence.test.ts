import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { JobStatus } from "../../../../src/apiserver/jobs/job.ts";
import { startJobController } from "../../../../src/apiserver/jobs/job-controller.ts";
import { startNode } from "../../../../src/apiserver/node/node.ts";
import type { JsonObject } from "../../../../src/apiserver/ports.ts";
import { FakeClock } from "../../../../src/lib/fake-clock.ts";
import { fakeApi, type FakeApi } from "./fake-api.ts";

// The statuses that kube-controller-manager 1.37.2 wrote, in order, for the same jobs on a scripted node. The batch of one second is its own.
const JOB = "/apis/batch/v1/namespaces/ns/jobs/fix";
const POD = "/api/v1/namespaces/ns/pods/fix-bbbbb";

function spell(status: JobStatus): string {
  const { active = 0, ready, terminating, succeeded = 0, failed = 0, uncountedTerminatedPods = {} } = status;
  const uncounted = [...(uncountedTerminatedPods.succeeded ?? []), ...(uncountedTerminatedPods.failed ?? [])].length;
  const conditions = (status.conditions ?? []).map(({ type, status: value, reason }) => `${value === "True" ? "" : "!"}${type}(${reason})`);
  return [`${active}/${ready ?? "-"}/${terminating ?? "-"}`, `+${succeeded} -${failed} ?${uncounted}`, status.startTime ? "started" : "", status.completionTime ? "completed" : "", ...conditions].filter(Boolean).join(" ");
}

interface Scene {
  readonly api: FakeApi;
  readonly patch: (path: string, body: JsonObject) => void;
  readonly remove: (path: string) => void;
}

async function record(spec: JsonObject, annotations: JsonObject, acts: readonly { readonly atMs: number; readonly act: (scene: Scene) => void }[]): Promise<{ readonly statuses: string[]; readonly api: FakeApi }> {
  const clock = new FakeClock();
  const api = fakeApi(() => clock.now());
  const node = startNode({ handle: api.handle, clock, mode: "script", bindMs: 5, startMs: 5, reportMs: 1 });
  const controller = startJobController({ handle: api.handle, clock, random: () => 0, reactMs: 5, batchMs: 1000 });
  const statuses: string[] = [];
  const watch = api.handle({ method: "GET", url: "/apis/batch/v1/jobs?watch=true", headers: {} });
  assert.equal(watch.kind, "stream");
  watch.open({ write: (line) => statuses.push(spell((JSON.parse(line) as { readonly object: { readonly status?: JobStatus } }).object.status ?? {})), end: () => undefined });
  const template = { metadata: { annotations }, spec: { restartPolicy: "Never", containers: [{ name: "main" }] } };
  api.put(JOB, { apiVersion: "batch/v1", kind: "Job", metadata: {}, spec: { parallelism: 1, completions: 1, backoffLimit: 0, podReplacementPolicy: "Failed", ...spec, template } });
  const scene: Scene = {
    api,
    patch: (url, body) => void api.handle({ method: "PATCH", url, headers: {}, body: JSON.stringify(body) }),
    remove: (url) => void api.handle({ method: "DELETE", url, headers: {} }),
  };
  for (const { atMs, act } of acts) {
    await clock.advance(atMs - clock.monotonic());
    act(scene);
  }
  await clock.advance(20_000);
  controller.stop();
  await node.stop();
  return { statuses: statuses.filter((text, index) => text !== statuses[index - 1]), api };
}

describe("the status of a job, write by write as kube-controller-manager", () => {
  it("suspended, resumed, succeeded", async () => {
    const resume = { atMs: 900, act: ({ patch }: Scene): void => patch(JOB, { metadata: { generation: 2 }, spec: { suspend: false } }) };
    const { statuses } = await record({ suspend: true }, { "ro.dev/script": '{"runMs": 1500}' }, [resume]);
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
    const { statuses } = await record({}, { "ro.dev/script": '{"exitCode": 3}' }, []);
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "1/0/0 +0 -0 ?0 started",
      "0/0/0 +0 -0 ?1 started FailureTarget(BackoffLimitExceeded)",
      "0/0/0 +0 -1 ?0 started FailureTarget(BackoffLimitExceeded) Failed(BackoffLimitExceeded)",
    ]);
  });

  it("past its deadline, with a pod that takes its time", async () => {
    const { statuses } = await record({ activeDeadlineSeconds: 2 }, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "1500" }, []);
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
    const remove = { atMs: 3000, act: ({ api, patch, remove: gone }: Scene): void => {
      patch(JOB, { metadata: { finalizers: ["foregroundDeletion"] } });
      gone(JOB);
      patch(JOB, { metadata: { generation: 2 } });
      gone(POD);
      assert.ok(api.get(POD));
    } };
    const { statuses, api } = await record({}, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "1500" }, [remove]);
    assert.deepEqual(statuses, ["0/-/- +0 -0 ?0", "1/0/0 +0 -0 ?0 started", "1/1/0 +0 -0 ?0 started", "0/0/1 +0 -0 ?0 started", "0/0/0 +0 -0 ?0 started"]);
    assert.equal(api.get(POD), undefined);
  });

  it("suspended while its pod runs: the pod is discarded, the job has not failed", async () => {
    const suspend = { atMs: 3000, act: ({ patch }: Scene): void => patch(JOB, { metadata: { generation: 2 }, spec: { suspend: true } }) };
    const { statuses, api } = await record({}, { "ro.dev/script": '{"runMs": 60000}', "ro.dev/stop-ms": "500" }, [suspend]);
    assert.deepEqual(statuses, [
      "0/-/- +0 -0 ?0",
      "1/0/0 +0 -0 ?0 started",
      "1/1/0 +0 -0 ?0 started",
      "0/0/1 +0 -0 ?0 Suspended(JobSuspended)",
      "0/0/0 +0 -0 ?0 Suspended(JobSuspended)",
    ]);
    assert.equal(api.get(POD), undefined);
  });
});
