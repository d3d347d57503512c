import { setTimeout as sleep } from "node:timers/promises";
import { Pool } from "undici";
import type { Pod } from "../../src/api/pod.ts";

/** Who talks to which API server. */
export interface Access {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

const AGAIN_AFTER_MS = 100;
const CONNECTIONS = 8;

/** What a kubelet writes about pods. Each call is repeated until the API server has answered it; a pod that is gone or another one is an answer. */
export class PodApi {
  readonly #pool: Pool;
  readonly #headers: Readonly<Record<string, string>>;
  #closed = false;

  constructor({ url, caPem, token }: Access) {
    this.#pool = new Pool(url, { connections: CONNECTIONS, connect: { ca: caPem } });
    this.#headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  }

  bind(pod: Pod, node: string): Promise<void> {
    const { name, namespace, uid } = pod.metadata;
    return this.#call("POST", `${pathOf(pod)}/binding`, { apiVersion: "v1", kind: "Binding", metadata: { name, namespace, uid }, target: { kind: "Node", name: node } });
  }

  writeStatus(pod: Pod, status: object): Promise<void> {
    return this.#call("PATCH", `${pathOf(pod)}/status`, { metadata: { uid: pod.metadata.uid }, status });
  }

  /** The last DELETE: nothing of the pod runs any more. */
  remove(pod: Pod): Promise<void> {
    return this.#call("DELETE", pathOf(pod), { apiVersion: "v1", kind: "DeleteOptions", gracePeriodSeconds: 0, preconditions: { uid: pod.metadata.uid } });
  }

  createNode(name: string): Promise<void> {
    return this.#call("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name } });
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#pool.destroy();
  }

  async #call(method: "POST" | "PATCH" | "DELETE", path: string, body: object): Promise<void> {
    const headers = { ...this.#headers, ...(method === "PATCH" ? { "content-type": "application/merge-patch+json" } : {}) };
    while (!this.#closed) {
      const status = await this.#once(method, path, headers, JSON.stringify(body));
      if (status > 0 && status < 500 && status !== 429) {
        if (status < 400 || status === 404 || status === 409 || status === 422) return;
        throw new Error(`${method} ${path} was answered ${status}`);
      }
      await sleep(AGAIN_AFTER_MS);
    }
  }

  /** The status of the answer; 0 when none came. */
  async #once(method: "POST" | "PATCH" | "DELETE", path: string, headers: Record<string, string>, body: string): Promise<number> {
    try {
      const answer = await this.#pool.request({ method, path, headers, body, reset: false });
      await answer.body.dump();
      return answer.statusCode;
    } catch {
      return 0;
    }
  }
}

function pathOf({ metadata }: Pod): string {
  return `/api/v1/namespaces/${metadata.namespace ?? "default"}/pods/${metadata.name}`;
}
