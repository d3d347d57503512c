import { kinds } from "../../api/kinds.ts";
import { controllerOf, keyOf } from "../../api/object.ts";
import type { Pod } from "../../api/pod.ts";
import type { Clock } from "../../lib/clock.ts";
import { silentLogger, type Logger } from "../../lib/log.ts";
import { inProcessClient, isRefusal, type InProcessClient } from "../in-process-client.ts";
import { InProcessMirror, type MirrorChange } from "../in-process-mirror.ts";
import type { ApiHandler } from "../ports.ts";
import { delayMs, DelayedKeys, type Delay } from "../delayed-keys.ts";
import { finishedCondition, isOurs, JOB, type Job, type JobStatus } from "./job.ts";
import type { PodBackoff } from "./job-pods.ts";
import { jobStep } from "./job-step.ts";
import { podName, podOf } from "./job-template.ts";
import { isTracked, JOB_TRACKING } from "./pod.ts";

export interface JobControllerDeps {
  readonly handle: ApiHandler;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log?: Logger;
  /** From a new job or a change of its spec (a resume) to the controller's reaction. Default 10 (real: about 30). */
  readonly reactMs?: Delay;
  /** From a change of a pod to the controller's reaction, so also from a pod's success to Complete. Default 20 (real: about 300, up to 1000). */
  readonly batchMs?: Delay;
  /** How long the replacement of a failed pod waits. Default 10 s doubling to 10 min, as real. */
  readonly podBackoff?: PodBackoff;
}

const POD_BACKOFF: PodBackoff = { baseMs: 10_000, maxMs: 600_000 };

/**
 * Runs Jobs as kube-controller-manager does, NonIndexed ones only: pods, status, deadline, backoff, TTL and the tracking finalizer.
 * Pods of a deleted job are the garbage collector's. `stop` may be called twice; nothing is written after it.
 */
export function startJobController(deps: JobControllerDeps): { stop(): void } {
  const controller = new JobController(deps);
  controller.start();
  return { stop: () => controller.stop() };
}

class JobController {
  readonly #deps: JobControllerDeps;
  readonly #client: InProcessClient;
  readonly #jobs: InProcessMirror<Job>;
  readonly #pods: InProcessMirror<Pod>;
  readonly #jobKeys: DelayedKeys;
  readonly #orphanKeys: DelayedKeys;
  // Pod keys by the uid of the controlling job.
  readonly #podsOf = new Map<string, Set<string>>();

  constructor(deps: JobControllerDeps) {
    this.#deps = deps;
    this.#client = inProcessClient(deps);
    const { clock, log = silentLogger } = deps;
    const client = this.#client;
    this.#jobs = new InProcessMirror({ client, clock, kind: JOB, onChange: (change) => this.#onJob(change) });
    this.#pods = new InProcessMirror({ client, clock, kind: kinds.Pod, onChange: (change) => this.#onPod(change) });
    this.#jobKeys = new DelayedKeys({ clock, log, run: (key) => this.#sync(key) });
    this.#orphanKeys = new DelayedKeys({ clock, log, run: (key) => this.#releaseOrphan(key) });
  }

  start(): void {
    this.#pods.start();
    this.#jobs.start();
  }

  stop(): void {
    for (const part of [this.#jobs, this.#pods, this.#jobKeys, this.#orphanKeys]) part.stop();
  }

  #onJob({ object, previous }: MirrorChange<Job>): void {
    const job = object ?? previous;
    if (!job) return;
    if (!object || finishedCondition(object)) this.#askOrphans(job.metadata.uid);
    if (!object) return;
    const specChanged = previous?.metadata.uid !== object.metadata.uid || previous.metadata.generation !== object.metadata.generation;
    this.#jobKeys.ask(keyOf(object), this.#delay(specChanged ? "reactMs" : "batchMs"));
  }

  #onPod({ object, previous }: MirrorChange<Pod>): void {
    const pod = object ?? previous;
    const owner = pod && controllerOf(pod);
    if (!pod || owner?.kind !== "Job") return;
    const key = keyOf(pod);
    if (object) this.#podsOf.set(owner.uid, (this.#podsOf.get(owner.uid) ?? new Set()).add(key));
    else this.#forget(owner.uid, key);
    const job = this.#jobOf(pod);
    if (job && !finishedCondition(job)) this.#jobKeys.ask(keyOf(job), this.#delay("batchMs"));
    else if (object && isTracked(object)) this.#orphanKeys.ask(key, this.#delay("batchMs"));
  }

  #forget(jobUid: string, podKey: string): void {
    const keys = this.#podsOf.get(jobUid);
    keys?.delete(podKey);
    if (keys?.size === 0) this.#podsOf.delete(jobUid);
  }

  #delay(which: "reactMs" | "batchMs"): number {
    return delayMs(this.#deps[which], which === "reactMs" ? 10 : 20);
  }

  #askOrphans(jobUid: string): void {
    for (const pod of this.#podsOfJob(jobUid)) if (isTracked(pod)) this.#orphanKeys.ask(keyOf(pod), this.#delay("batchMs"));
  }

  // The job that controls the pod, by uid: another one of the same name is none of its business.
  #jobOf(pod: Pod): Job | undefined {
    const owner = controllerOf(pod);
    const job = owner && this.#jobs.get(keyOf({ metadata: { ...pod.metadata, name: owner.name } }));
    return job?.metadata.uid === owner?.uid ? job : undefined;
  }

  #podsOfJob(jobUid: string): Pod[] {
    return [...(this.#podsOf.get(jobUid) ?? [])].map((key) => this.#pods.get(key)).filter((pod) => pod !== undefined);
  }

  #sync(key: string): void {
    const job = this.#jobs.get(key);
    if (!job || !isOurs(job)) return;
    if (finishedCondition(job)) return this.#expire(key, job);
    const nowMs = this.#deps.clock.now();
    const step = jobStep(job, this.#podsOfJob(job.metadata.uid), nowMs, this.#deps.podBackoff ?? POD_BACKOFF);
    for (const pod of step.discardPods) this.#release(pod);
    for (const pod of [...step.discardPods, ...step.deletePods]) this.#deletePod(pod);
    for (let created = 0; created < step.createPods; created++) {
      this.#client.create(kinds.Pod, job.metadata.namespace, podOf(job, podName(job.metadata.name, this.#deps.random)));
    }
    const interim = step.interimStatus ? this.#writeStatus(job, step.interimStatus) : job;
    for (const pod of step.releasePods) this.#release(pod);
    if (step.finalStatus) this.#writeStatus(interim, step.finalStatus);
    if (step.lookAgainAtMs !== undefined) this.#jobKeys.ask(key, step.lookAgainAtMs - nowMs);
  }

  #writeStatus(job: Job, status: JobStatus): Job {
    return this.#client.replaceStatus(JOB, { ...job, status });
  }

  #deletePod(pod: Pod): void {
    try {
      this.#client.delete(kinds.Pod, pod.metadata, { uid: pod.metadata.uid, propagation: "Background" });
    } catch (error) {
      if (!isRefusal(error, 404)) throw error;
    }
  }

  // Reads the pod as it is by now: this very step may have deleted it.
  #release(pod: Pod): void {
    const current = this.#pods.get(keyOf(pod));
    if (!current || current.metadata.uid !== pod.metadata.uid || !isTracked(current)) return;
    const { uid, resourceVersion, finalizers = [] } = current.metadata;
    this.#client.patch(kinds.Pod, current.metadata, { metadata: { uid, resourceVersion, finalizers: finalizers.filter((name) => name !== JOB_TRACKING) } });
  }

  #releaseOrphan(key: string): void {
    const pod = this.#pods.get(key);
    if (!pod) return;
    const job = this.#jobOf(pod);
    if (!job || finishedCondition(job)) this.#release(pod);
  }

  #expire(key: string, job: Job): void {
    const ttlSeconds = job.spec.ttlSecondsAfterFinished;
    const finished = finishedCondition(job);
    if (ttlSeconds === undefined || !finished || job.metadata.deletionTimestamp !== undefined) return;
    const leftMs = Date.parse(finished.lastTransitionTime) + ttlSeconds * 1000 - this.#deps.clock.now();
    if (leftMs > 0) return this.#jobKeys.ask(key, leftMs);
    const { uid, resourceVersion } = job.metadata;
    this.#client.delete(JOB, job.metadata, { uid, resourceVersion, propagation: "Foreground" });
  }
}
