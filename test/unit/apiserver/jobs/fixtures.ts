import type { Pod, PodPhase } from "../../../../src/api/pod.ts";
import type { Job, JobStatus } from "../../../../src/apiserver/jobs/job.ts";
import { JOB_TRACKING } from "../../../../src/apiserver/jobs/pod.ts";
import { wholeSeconds } from "../../../../src/apiserver/whole-seconds.ts";

export const NOW = Date.UTC(2026, 0, 1, 12);

export function jobWith(spec: Partial<Job["spec"]> = {}, status: JobStatus = {}, metadata: Partial<Job["metadata"]> = {}): Job {
  return {
    apiVersion: "batch/v1",
    kind: "Job",
    metadata: { name: "fix", namespace: "ns", uid: "job-1", resourceVersion: "1", generation: 1, creationTimestamp: wholeSeconds(NOW), ...metadata },
    spec: { parallelism: 1, completions: 1, backoffLimit: 0, template: { spec: { restartPolicy: "Never", containers: [{ name: "main" }] } }, ...spec },
    status,
  };
}

export interface PodState {
  readonly phase?: PodPhase;
  readonly ready?: boolean;
  readonly deleted?: boolean;
  readonly tracked?: boolean;
  readonly restarts?: number;
  readonly endedMs?: number;
}

export function podWith(uid: string, { phase = "Pending", ready = false, deleted = false, tracked = true, restarts = 0, endedMs }: PodState = {}): Pod {
  const terminated = endedMs === undefined ? {} : { terminated: { exitCode: 1, finishedAt: wholeSeconds(endedMs) } };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name: `fix-${uid}`, namespace: "ns", uid, resourceVersion: "1", creationTimestamp: wholeSeconds(NOW),
      finalizers: tracked ? [JOB_TRACKING] : [],
      ownerReferences: [{ apiVersion: "batch/v1", kind: "Job", name: "fix", uid: "job-1", controller: true }],
      ...(deleted ? { deletionTimestamp: wholeSeconds(NOW), deletionGracePeriodSeconds: 30 } : {}),
    },
    spec: { containers: [{ name: "main" }] },
    status: {
      phase,
      conditions: [{ type: "Ready", status: ready ? "True" : "False" }],
      containerStatuses: [{ name: "main", restartCount: restarts, state: terminated }],
    },
  };
}
