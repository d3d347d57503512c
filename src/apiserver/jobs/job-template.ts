import type { JsonObject } from "../ports.ts";
import type { Job } from "./job.ts";
import { JOB_TRACKING } from "./pod.ts";

// No vowels and no digits that look like letters, as the API server's own generated names.
const ALPHABET = "bcdfghjklmnpqrstvwxz2456789";
const SUFFIX_LENGTH = 5;
const MAX_BASE_LENGTH = 63 - SUFFIX_LENGTH;

/** `<job>-<five random characters>`, at most 63 long. */
export function podName(jobName: string, random: () => number): string {
  const suffix = Array.from({ length: SUFFIX_LENGTH }, () => ALPHABET.charAt(Math.floor(random() * ALPHABET.length)));
  return `${jobName}-`.slice(0, MAX_BASE_LENGTH) + suffix.join("");
}

/** The pod of a job as it is posted: the template, the labels by which jobs find pods, the tracking finalizer and the controlling owner. */
export function podOf(job: Job, name: string): JsonObject {
  const { template } = job.spec;
  const { name: jobName, uid, namespace = "default" } = job.metadata;
  const owner = { apiVersion: "batch/v1", kind: "Job", name: jobName, uid, controller: true, blockOwnerDeletion: true };
  const labels = { "batch.kubernetes.io/controller-uid": uid, "batch.kubernetes.io/job-name": jobName, "controller-uid": uid, "job-name": jobName };
  const body = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      generateName: `${jobName}-`,
      namespace,
      labels: { ...template.metadata?.labels, ...labels },
      annotations: template.metadata?.annotations ?? {},
      finalizers: [JOB_TRACKING],
      ownerReferences: [owner],
    },
    spec: template.spec,
  };
  return body as unknown as JsonObject; // To the wire: fields of the template that we do not know go along as they are.
}
