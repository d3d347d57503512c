import { appendFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/api/kinds.ts";
import type { Pod } from "../../src/api/pod.ts";
import type { ContainerRunner } from "../../src/apiserver/node/container.ts";
import { Ledger } from "../../src/apiserver/node/ledger.ts";
import { PodRun } from "../../src/apiserver/node/pod-run.ts";
import { podStatus } from "../../src/apiserver/node/pod-status.ts";
import { processRunner } from "../../src/apiserver/node/process.ts";
import type { KubeClient } from "../../src/kube/ports.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { follow, type Change, type Following } from "./follow.ts";
import { PodApi, type Access } from "./pod-api.ts";
import { LEDGER_ENV, POD_ENV } from "./workflow-script.ts";

const NODE = "process-node";
const DEFAULT_GRACE_SECONDS = 30;

/** A pod in our hands. */
interface Hosted {
  readonly uid: string;
  /** As the watch told it last; undefined once it is gone. */
  pod: Pod | undefined;
  readonly run: PodRun;
  reporting: Promise<void> | undefined;
  again: boolean;
}

export interface NodeOptions extends Access {
  readonly client: KubeClient;
  readonly namespace: string;
  /** The file to which workflows and the node append what happened. */
  readonly ledgerFile: string;
}

/**
 * The sliver of scheduler and kubelet that a Job needs of a real API server: binds every pod of a namespace, runs its
 * command as a process of this machine, writes its status, stops it when the pod is deleted and removes it when nothing of
 * it is left. The API server may go and come back meanwhile.
 */
export async function startProcessNode(options: NodeOptions): Promise<AsyncDisposable> {
  const node = new ProcessNode(options);
  await node.start();
  return node;
}

class ProcessNode implements AsyncDisposable {
  readonly #options: NodeOptions;
  readonly #api: PodApi;
  readonly #hosted = new Map<string, Hosted>();
  readonly #run: ContainerRunner;
  readonly #ledger = new Ledger();
  #following: Following | undefined;
  #stopped = false;

  constructor(options: NodeOptions) {
    this.#options = options;
    this.#api = new PodApi(options);
    this.#run = this.#tracedRunner();
  }

  async start(): Promise<void> {
    const { client, namespace } = this.#options;
    await this.#api.createNode(NODE);
    this.#following = await follow({ client, kind: kinds.Pod, namespace, onChange: (change) => this.#onPod(change) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stopped = true;
    await this.#following?.[Symbol.asyncDispose]();
    await Promise.all([...this.#hosted.values()].map(({ run }) => run.kill()));
    await this.#api.close();
  }

  // Processes, told where the ledger is; the node itself writes when nothing of one is left, however it ended.
  #tracedRunner(): ContainerRunner {
    const runner = processRunner({ clock: systemClock, baseEnv: { PATH: "/usr/local/bin:/usr/bin:/bin", [LEDGER_ENV]: this.#options.ledgerFile } });
    return (spec, events) =>
      runner({ ...spec, env: { ...spec.env, [POD_ENV]: spec.podName } }, {
        line: (text) => events.line(text),
        exit: (exit) => {
          appendFileSync(this.#options.ledgerFile, `gone ${spec.podName} ${spec.env["RO_TARGET"] ?? "?"} ${spec.env["RO_RUN_ID"] ?? "?"} ${spec.env["RO_FENCE"] ?? "?"}\n`);
          events.exit(exit);
        },
      });
  }

  #onPod({ type, object: pod }: Change<Pod>): void {
    const hosted = this.#hosted.get(pod.metadata.uid) ?? (type === "DELETED" ? undefined : this.#host(pod));
    if (!hosted) return;
    hosted.pod = type === "DELETED" ? undefined : pod;
    if (type === "DELETED" || pod.metadata.deletionTimestamp) {
      hosted.run.stop((pod.metadata.deletionGracePeriodSeconds ?? DEFAULT_GRACE_SECONDS) * 1000);
      this.#report(hosted);
    }
  }

  #host(pod: Pod): Hosted | undefined {
    if (pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return undefined;
    const run = new PodRun({ clock: systemClock, run: this.#run, ledger: this.#ledger, startMs: 0, line: () => undefined, changed: () => this.#changed(pod.metadata.uid) }, pod);
    const hosted: Hosted = { uid: pod.metadata.uid, pod, run, reporting: undefined, again: false };
    this.#hosted.set(pod.metadata.uid, hosted);
    void this.#api.bind(pod, NODE);
    return hosted;
  }

  #changed(uid: string): void {
    const hosted = this.#hosted.get(uid);
    if (hosted) this.#report(hosted);
  }

  /** One report at a time for a pod; what changes meanwhile is reported after it. */
  #report(hosted: Hosted): void {
    hosted.again = true;
    hosted.reporting ??= this.#reportAll(hosted).finally(() => (hosted.reporting = undefined));
  }

  async #reportAll(hosted: Hosted): Promise<void> {
    while (hosted.again && !this.#stopped) {
      hosted.again = false;
      // What changes within a moment is one report.
      await sleep(1);
      const { pod, run } = hosted;
      const { view } = run;
      if (pod && view) await this.#api.writeStatus(pod, podStatus(pod, view, Date.now()));
      if (!view || view.state !== "ended") continue;
      if (!pod) this.#hosted.delete(hosted.uid);
      else if (pod.metadata.deletionTimestamp) await this.#api.remove(pod);
    }
  }
}
