import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { request } from "undici";
import { freePort, run, type Running } from "../control-plane/process.ts";
import { startProxy, type ApiProxy } from "./proxy.ts";

export interface ReplicaOptions {
  readonly name: string;
  readonly namespace: string;
  readonly folder: string;
  readonly token: string;
  readonly upstream: { readonly url: string; readonly caPem: string };
}

const MAIN = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");
const READY_WITHIN_MS = 60_000;

/** `ro run` as a process of its own, which talks to the API server through a proxy of its own. */
export class Replica implements AsyncDisposable {
  readonly name: string;
  readonly proxy: ApiProxy;
  readonly #options: ReplicaOptions;
  readonly #port: number;
  #process: Running | undefined;
  /** The process that somebody is killing, or has killed last. */
  #dying: Running | undefined;

  private constructor(options: ReplicaOptions, proxy: ApiProxy, port: number) {
    this.name = options.name;
    this.#options = options;
    this.proxy = proxy;
    this.#port = port;
  }

  /** Its proxy and its kubeconfig; nothing runs yet. */
  static async prepare(options: ReplicaOptions): Promise<Replica> {
    const proxy = await startProxy(options.upstream);
    const config = {
      apiVersion: "v1",
      kind: "Config",
      "current-context": "test",
      clusters: [{ name: "test", cluster: { server: proxy.url, "certificate-authority-data": Buffer.from(proxy.caPem).toString("base64") } }],
      users: [{ name: options.name, user: { token: options.token } }],
      contexts: [{ name: "test", context: { cluster: "test", user: options.name } }],
    };
    await writeFile(join(options.folder, `${options.name}.kubeconfig`), JSON.stringify(config));
    return new Replica(options, proxy, await freePort());
  }

  get alive(): boolean {
    return this.#process !== undefined && !this.#process.ended;
  }

  get logFile(): string {
    return join(this.#options.folder, `${this.name}.log`);
  }

  /** Starts it, unless it runs. `env` is added to this process's. */
  start(env: Readonly<Record<string, string>> = {}): void {
    if (this.alive) return;
    const { folder, namespace } = this.#options;
    const args = [MAIN, "run", "--kubeconfig", join(folder, `${this.name}.kubeconfig`), "--namespace", namespace, "--identity", this.name, "--http-port", String(this.#port)];
    this.#process = run(this.name, process.execPath, args, this.logFile, { ...process.env, ...env });
  }

  /** Resolves when it says that it is at work; starts it again where it has ended because the API server was not there. */
  async ready(env: Readonly<Record<string, string>> = {}): Promise<void> {
    const deadline = performance.now() + READY_WITHIN_MS;
    while (!(await this.#isReady())) {
      if (performance.now() > deadline) throw new Error(`${this.name} is not at work:\n${await this.#process?.tail()}`);
      this.start(env);
      await sleep(50);
    }
  }

  /** Sends a signal, SIGSTOP or SIGCONT for instance, and does not wait. */
  signal(signal: NodeJS.Signals): void {
    this.#process?.signal(signal);
  }

  /** kill -9; resolves when the process is gone. True when it was this that ended it. */
  async kill(): Promise<boolean> {
    const victim = this.#process;
    const alive = this.alive && victim !== this.#dying;
    this.#dying = victim;
    await victim?.stop("SIGKILL");
    return alive;
  }

  /** Its log lines since byte `from`, and where the log ends now. */
  async logSince(from: number): Promise<{ readonly text: string; readonly end: number }> {
    const { size } = await stat(this.logFile);
    return { text: (await readFile(this.logFile)).subarray(from).toString("utf8"), end: size };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
    await this.proxy[Symbol.asyncDispose]();
  }

  async #isReady(): Promise<boolean> {
    if (!this.alive) return false;
    try {
      const { statusCode, body } = await request(`http://127.0.0.1:${this.#port}/readyz`);
      await body.dump();
      return statusCode === 200;
    } catch {
      return false;
    }
  }
}
