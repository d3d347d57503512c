import { kinds } from "../../api/kinds.ts";
import { keyOf } from "../../api/object.ts";
import { hasEnded, type Pod } from "../../api/pod.ts";
import type { Clock } from "../../lib/clock.ts";
import { silentLogger, type Logger } from "../../lib/log.ts";
import { delayMs, DelayedKeys, type Delay } from "../delayed-keys.ts";
import { inProcessClient, isRefusal, type InProcessClient } from "../in-process-client.ts";
import { InProcessMirror, type MirrorChange } from "../in-process-mirror.ts";
import { isDeleted } from "../jobs/pod.ts";
import type { ApiHandler } from "../ports.ts";
import type { ContainerRunner } from "./container.ts";
import { Ledger, type LedgerEntry } from "./ledger.ts";
import { nodeObject, nodeStatus } from "./node-object.ts";
import { PodRun } from "./pod-run.ts";
import { podStatus, type ContainerView } from "./pod-status.ts";
import { processRunner } from "./process.ts";
import { SCRIPT_ANNOTATION, scriptRunner } from "./script.ts";

const DEFAULT_SCHEDULER = "default-scheduler";

/**
 * How containers run. `script`: nothing runs, every pod plays its `ro.dev/script` annotation in the clock's time.
 * `process`: the container's command, as a process of this machine; a pod with a script annotation plays it all the same.
 */
export type NodeMode = "script" | "process";

export interface NodeDeps {
  readonly handle: ApiHandler;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly clock: Clock;
  readonly mode: NodeMode;
  /** Default `embedded-node`. */
  readonly name?: string;
  readonly log?: Logger;
  /** From an unbound pod to its binding. Default 5 ms. */
  readonly bindMs?: Delay;
  /** From its binding to running. Default 10 ms. */
  readonly startMs?: Delay;
  /** From what happens to a container to the pod's status, and to the last DELETE of a deleted pod. Default 5 ms. */
  readonly reportMs?: Delay;
  /** How many runs the ledger keeps; the oldest that have ended are forgotten. Default 10 000. */
  readonly ledgerLimit?: number;
  /** What every process inherits besides its container's own environment. Default: the usual PATH and nothing else. */
  readonly baseEnv?: Readonly<Record<string, string>>;
  /** Told of every line that a container prints. */
  onLine?(pod: Pod, line: string): void;
}

export interface RunningNode {
  /** The runs of containers so far, `ledgerLimit` of them at most, in the order of their starts; it changes as they end. */
  readonly ledger: readonly LedgerEntry[];
  /** What the container of a pod has printed; empty for a pod that never ran here or is gone. */
  logOf(podUid: string): readonly string[];
  /** Kills what runs and resolves when nothing is left of it. Writes nothing more to the cluster: the node is gone. */
  stop(): Promise<void>;
}

/**
 * The sliver of scheduler and kubelet that a Job needs: binds every pod that has no node (unless a scheduling gate or another scheduler's name
 * holds it back), runs its first container, writes its
 * status, and on deletion stops it within its grace period before the last DELETE. Init containers, probes and volumes are not known to it.
 */
export function startNode(deps: NodeDeps): RunningNode {
  const node = new EmbeddedNode(deps);
  node.start();
  return { ledger: node.ledger.entries, logOf: (podUid) => node.logOf(podUid), stop: () => node.stop() };
}

interface Hosted {
  readonly run: PodRun;
  readonly lines: string[];
  // Names the view that the pod's status was written from last.
  reported: string | undefined;
  // The pod object is gone; what it runs may run on for its grace period.
  orphaned: boolean;
}

class EmbeddedNode {
  readonly ledger: Ledger;
  readonly #deps: NodeDeps;
  readonly #name: string;
  readonly #client: InProcessClient;
  readonly #pods: InProcessMirror<Pod>;
  readonly #bindKeys: DelayedKeys;
  readonly #reportKeys: DelayedKeys;
  readonly #run: ContainerRunner;
  // By pod uid: a pod of the same name is another pod.
  readonly #hosted = new Map<string, Hosted>();

  constructor(deps: NodeDeps) {
    this.#deps = deps;
    const { clock, log = silentLogger } = deps;
    this.ledger = new Ledger(deps.ledgerLimit);
    this.#name = deps.name ?? "embedded-node";
    this.#client = inProcessClient(deps);
    this.#pods = new InProcessMirror({ client: this.#client, clock, kind: kinds.Pod, onChange: (change) => this.#onPod(change) });
    this.#bindKeys = new DelayedKeys({ clock, log, run: (key) => this.#bind(key) });
    this.#reportKeys = new DelayedKeys({ clock, log, run: (key) => this.#report(key) });
    this.#run = runnerOf(deps);
  }

  start(): void {
    const key = { name: this.#name };
    try {
      this.#client.create(kinds.Node, undefined, nodeObject(this.#name));
    } catch (error) {
      if (!isRefusal(error, 409)) throw error;
    }
    this.#client.patch(kinds.Node, key, { status: nodeStatus(this.#name, this.#deps.clock.now()) }, "status");
    this.#pods.start();
  }

  async stop(): Promise<void> {
    for (const part of [this.#pods, this.#bindKeys, this.#reportKeys]) part.stop();
    const hosted = [...this.#hosted.values()];
    this.#hosted.clear();
    await Promise.all(hosted.map(({ run }) => run.kill()));
  }

  logOf(podUid: string): readonly string[] {
    return this.#hosted.get(podUid)?.lines ?? [];
  }

  #onPod({ object, previous }: MirrorChange<Pod>): void {
    const pod = object ?? previous;
    if (!pod) return;
    if (!object) return this.#onGone(pod);
    if (pod.spec?.nodeName === undefined || pod.spec.nodeName === "") return this.#onUnbound(pod);
    if (pod.spec.nodeName !== this.#name) return;
    const hosted = this.#hosted.get(pod.metadata.uid) ?? this.#host(pod);
    if (!isDeleted(pod)) return;
    hosted?.run.stop(graceMs(pod));
    this.#ask(pod);
  }

  #onGone(pod: Pod): void {
    const hosted = this.#hosted.get(pod.metadata.uid);
    if (!hosted) return;
    hosted.orphaned = true;
    hosted.run.stop(graceMs(pod));
    this.#forgetEnded(pod, hosted);
  }

  #forgetEnded(pod: Pod, hosted: Hosted): void {
    if (hosted.orphaned && hosted.run.view?.state === "ended") this.#hosted.delete(pod.metadata.uid);
  }

  #onChanged(pod: Pod): void {
    const hosted = this.#hosted.get(pod.metadata.uid);
    if (hosted?.orphaned) this.#forgetEnded(pod, hosted);
    else this.#ask(pod);
  }

  #onUnbound(pod: Pod): void {
    if (isSchedulable(pod)) this.#bindKeys.ask(keyOf(pod), delayMs(this.#deps.bindMs, 5));
  }

  #host(pod: Pod): Hosted | undefined {
    if (hasEnded(pod)) return undefined;
    const { clock } = this.#deps;
    const lines: string[] = [];
    const line = (text: string): void => {
      lines.push(text);
      this.#deps.onLine?.(pod, text);
    };
    const startMs = delayMs(this.#deps.startMs, 10);
    const run = new PodRun({ clock, run: this.#run, ledger: this.ledger, startMs, line: (_, text) => line(text), changed: (changed) => this.#onChanged(changed) }, pod);
    const hosted: Hosted = { run, lines, reported: undefined, orphaned: false };
    this.#hosted.set(pod.metadata.uid, hosted);
    return hosted;
  }

  #ask(pod: Pod): void {
    this.#reportKeys.ask(keyOf(pod), delayMs(this.#deps.reportMs, 5));
  }

  #bind(key: string): void {
    const pod = this.#pods.get(key);
    if (!pod || pod.spec?.nodeName || !isSchedulable(pod)) return;
    const { uid, name, namespace = "default" } = pod.metadata;
    const body = { apiVersion: "v1", kind: "Binding", metadata: { name, namespace, uid }, target: { apiVersion: "v1", kind: "Node", name: this.#name } };
    this.#client.post(kinds.Pod, pod.metadata, "binding", body);
  }

  // Writes what the pod's container is by now; once a deleted pod has ended, lets it go.
  #report(key: string): void {
    const pod = this.#pods.get(key);
    if (!pod || pod.spec?.nodeName !== this.#name) return;
    const { uid, deletionGracePeriodSeconds } = pod.metadata;
    const hosted = this.#hosted.get(uid);
    const view = hosted?.run.view;
    if (hosted && view && nameOf(view) !== hosted.reported) {
      this.#client.patch(kinds.Pod, pod.metadata, { metadata: { uid }, status: podStatus(pod, view, this.#deps.clock.now()) }, "status");
      hosted.reported = nameOf(view);
    }
    const over = view ? view.state === "ended" : hasEnded(pod);
    if (isDeleted(pod) && over && deletionGracePeriodSeconds !== 0) this.#client.delete(kinds.Pod, pod.metadata, { uid, gracePeriodSeconds: 0 });
  }
}

/** Whether a scheduler would look for a node: no gate holds the pod back, and no other scheduler was asked for. */
function isSchedulable(pod: Pod): boolean {
  const { schedulingGates = [], schedulerName = DEFAULT_SCHEDULER } = pod.spec ?? {};
  return !isDeleted(pod) && !hasEnded(pod) && schedulingGates.length === 0 && schedulerName === DEFAULT_SCHEDULER;
}

function runnerOf({ mode, clock, baseEnv = { PATH: "/usr/local/bin:/usr/bin:/bin" } }: NodeDeps): ContainerRunner {
  const script = scriptRunner(clock);
  if (mode === "script") return script;
  const process = processRunner({ clock, baseEnv });
  return (spec, events) => (spec.annotations[SCRIPT_ANNOTATION] === undefined ? process : script)(spec, events);
}

function nameOf({ state, restarts }: ContainerView): string {
  return `${state} ${restarts}`;
}

function graceMs(pod: Pod): number {
  return (pod.metadata.deletionGracePeriodSeconds ?? pod.spec?.terminationGracePeriodSeconds ?? 30) * 1000;
}
