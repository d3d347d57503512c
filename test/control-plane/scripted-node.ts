import { Pool } from "undici";

/** One container as it really ran; times in milliseconds since the epoch. */
export interface Ran {
  readonly podUid: string;
  readonly jobUid: string;
  readonly namespace: string;
  readonly startedMs: number;
  endedMs?: number;
}

/** Plays the kubelet for a real API server. */
export interface ScriptedNode extends AsyncDisposable {
  /** Every pod that ran, in order of its start; the judge of what happened. */
  readonly ledger: readonly Ran[];
}

export interface ScriptedNodeOptions {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
  /** Pods of this namespace only: suites share the API server, and what another one runs is not ours. */
  readonly namespace: string;
}

interface PodObject {
  readonly metadata: {
    readonly name: string;
    readonly namespace: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly deletionTimestamp?: string;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly ownerReferences?: readonly { readonly kind: string; readonly uid: string }[];
  };
  readonly spec: { readonly nodeName?: string; readonly schedulerName?: string; readonly schedulingGates?: readonly unknown[]; readonly containers: readonly { readonly name: string; readonly image: string }[] };
  readonly status?: { readonly phase?: string };
}

const NODE = "scripted-node";
const DEFAULT_RUN_MS = 100;
/** What a node that is stopping hears. */
const GONE = { status: 0, body: undefined };

/**
 * Runs the pods of one namespace by script: annotation `ro.dev/script` `{"runMs": 200, "exitCode": 0}`, otherwise 100 ms and exit code 0. A pod
 * that is deleted stops at once, or after `ro.dev/stop-ms`, and is then removed.
 */
export async function startScriptedNode(options: ScriptedNodeOptions): Promise<ScriptedNode> {
  const node = new Node(options);
  await node.start();
  return node;
}

class Node implements ScriptedNode {
  readonly ledger: Ran[] = [];
  readonly #pool: Pool;
  readonly #watches: Pool;
  readonly #options: ScriptedNodeOptions;
  readonly #abort = new AbortController();
  // Pods in our hands by uid: one script each, whatever the watch repeats.
  readonly #running = new Map<string, { readonly ran: Ran; readonly timer: NodeJS.Timeout }>();
  readonly #seen = new Set<string>();
  readonly #stopping = new Set<string>();
  #watching: Promise<void> = Promise.resolve();

  constructor(options: ScriptedNodeOptions) {
    this.#options = options;
    const connect = { ca: options.caPem };
    this.#pool = new Pool(options.url, { connections: 8, connect });
    this.#watches = new Pool(options.url, { connections: 1, connect, bodyTimeout: 0 });
  }

  async start(): Promise<void> {
    await this.#call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE } }, [409]);
    const { body } = await this.#call("GET", this.#collection());
    // The wire's shape, as the API server promises it.
    const list = body as { readonly metadata: { readonly resourceVersion: string }; readonly items: readonly PodObject[] };
    for (const pod of list.items) this.#look(pod);
    this.#watching = this.#watch(list.metadata.resourceVersion);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#abort.abort();
    for (const { timer } of this.#running.values()) clearTimeout(timer);
    await this.#watching;
    await this.#watches.destroy();
    await this.#pool.destroy();
  }

  #collection(): string {
    return `/api/v1/namespaces/${this.#options.namespace}/pods`;
  }

  async #watch(from: string): Promise<void> {
    let version = from;
    while (!this.#abort.signal.aborted) {
      try {
        const { body, statusCode } = await this.#watches.request({ method: "GET", path: `${this.#collection()}?watch=1&allowWatchBookmarks=true&resourceVersion=${version}`, headers: this.#headers(), signal: this.#abort.signal, headersTimeout: 0 });
        if (statusCode !== 200) throw new Error(`watch of pods was answered ${statusCode}`);
        let rest = "";
        for await (const chunk of body) {
          const lines = `${rest}${String(chunk)}`.split("\n");
          rest = lines.pop() ?? "";
          for (const line of lines) {
            const event = JSON.parse(line) as { readonly type: string; readonly object: PodObject };
            version = event.object.metadata.resourceVersion;
            if (event.type === "ADDED" || event.type === "MODIFIED") this.#look(event.object);
          }
        }
      } catch (error) {
        if (this.#abort.signal.aborted) return;
        // The API server went away (a test may do that); look again until it is back.
        await new Promise((resolve) => setTimeout(resolve, 100));
        if (!(error instanceof Error)) throw error;
      }
    }
  }

  #look(pod: PodObject): void {
    if (pod.metadata.deletionTimestamp) return void this.#stop(pod);
    if (this.#seen.has(pod.metadata.uid) || !isSchedulable(pod) || pod.status?.phase === "Succeeded" || pod.status?.phase === "Failed") return;
    this.#seen.add(pod.metadata.uid);
    void this.#start(pod);
  }

  async #start(pod: PodObject): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    const script = JSON.parse(pod.metadata.annotations?.["ro.dev/script"] ?? "{}") as { readonly runMs?: number; readonly exitCode?: number };
    // 403: the namespace is on its way out. Whatever the refusal, a pod that is not ours does not run.
    const bound = await this.#call("POST", `/api/v1/namespaces/${namespace}/pods/${name}/binding`, { apiVersion: "v1", kind: "Binding", metadata: { name, namespace, uid }, target: { kind: "Node", name: NODE } }, [403, 404, 409]);
    if (bound.status !== 201 || this.#stopping.has(uid)) return;
    const jobUid = pod.metadata.ownerReferences?.find(({ kind }) => kind === "Job")?.uid ?? "";
    const ran: Ran = { podUid: uid, jobUid, namespace, startedMs: Date.now() };
    this.ledger.push(ran);
    const timer = setTimeout(() => void this.#end(pod, ran, script.exitCode ?? 0), script.runMs ?? DEFAULT_RUN_MS);
    this.#running.set(uid, { ran, timer });
    await this.#status(pod, { phase: "Running", startTime: second(ran.startedMs), conditions: [{ type: "Ready", status: "True" }], containerStatuses: this.#containers(pod, { running: { startedAt: second(ran.startedMs) } }, true) });
  }

  async #end(pod: PodObject, ran: Ran, exitCode: number): Promise<void> {
    this.#running.delete(pod.metadata.uid);
    ran.endedMs = Date.now();
    const terminated = { exitCode, reason: exitCode === 0 ? "Completed" : "Error", startedAt: second(ran.startedMs), finishedAt: second(ran.endedMs) };
    await this.#status(pod, { phase: exitCode === 0 ? "Succeeded" : "Failed", containerStatuses: this.#containers(pod, { terminated }, false) });
  }

  async #stop(pod: PodObject): Promise<void> {
    const { uid, name, namespace, annotations } = pod.metadata;
    if (this.#stopping.has(uid)) return;
    this.#stopping.add(uid);
    await new Promise((resolve) => setTimeout(resolve, Number(annotations?.["ro.dev/stop-ms"] ?? 0)));
    const running = this.#running.get(uid);
    if (running) {
      clearTimeout(running.timer);
      this.#running.delete(uid);
      running.ran.endedMs = Date.now();
    }
    await this.#call("DELETE", `/api/v1/namespaces/${namespace}/pods/${name}`, { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, preconditions: { uid } }, [404, 409]);
  }

  #containers(pod: PodObject, state: object, ready: boolean): readonly object[] {
    return pod.spec.containers.map(({ name, image }) => ({ name, image, imageID: "", ready, restartCount: 0, state }));
  }

  #status(pod: PodObject, status: object): Promise<unknown> {
    return this.#call("PATCH", `/api/v1/namespaces/${pod.metadata.namespace}/pods/${pod.metadata.name}/status`, { metadata: { uid: pod.metadata.uid }, status }, [404, 409, 422]);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.token}`, "content-type": "application/json" };
  }

  /** One request; throws on a status of 400 or more that is not among `accepted`. */
  async #call(method: "GET" | "POST" | "PATCH" | "DELETE", path: string, body?: object, accepted: readonly number[] = []): Promise<{ readonly status: number; readonly body: unknown }> {
    if (this.#abort.signal.aborted) return GONE;
    const headers = { ...this.#headers(), ...(method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {}) };
    try {
      const answer = await this.#pool.request({ method, path, headers, reset: false, signal: this.#abort.signal, ...(body ? { body: JSON.stringify(body) } : {}) });
      const text = await answer.body.text();
      if (answer.statusCode >= 400 && !accepted.includes(answer.statusCode)) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
      return { status: answer.statusCode, body: JSON.parse(text) };
    } catch (error) {
      if (this.#abort.signal.aborted) return GONE;
      throw error;
    }
  }
}

/** Whether the scheduler would give it a node. */
function isSchedulable({ spec }: PodObject): boolean {
  return !spec.nodeName && (spec.schedulingGates ?? []).length === 0 && (spec.schedulerName ?? "default-scheduler") === "default-scheduler";
}

function second(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}
