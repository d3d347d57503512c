import { createKubeClient, type KubeClientDeps, type RequestRecord } from "../../../src/kube/client.ts";
import type { KubeClient } from "../../../src/kube/ports.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../../src/kube/transport.ts";
import { FakeClock } from "../../../src/lib/fake-clock.ts";
import { remediationRequest } from "../../support/builders.ts";

type Answer = (request: TransportRequest) => TransportResponse | Promise<TransportResponse>;

export const RR = remediationRequest("rr-1", { overallPhase: "Pending" });
export const KEY = { namespace: RR.metadata.namespace ?? "", name: "rr-1" };
export const PATH = "/apis/kubernaut.ai/v1alpha1/namespaces/kubernaut-system/remediationrequests";

/** A Status as the API server words it. */
export function status(code: number, reason: string, message = reason): object {
  return { kind: "Status", apiVersion: "v1", status: "Failure", code, reason, message };
}

/** A transport that answers as the test says, in that order, and a client over it. */
export class ScriptedTransport implements Transport {
  readonly clock = new FakeClock();
  readonly sent: TransportRequest[] = [];
  readonly records: RequestRecord[] = [];
  readonly client: KubeClient = this.clientWith({});
  readonly #answers: Answer[] = [];

  clientWith(given: Partial<KubeClientDeps>): KubeClient {
    return createKubeClient({ transport: this, clock: this.clock, onRequest: (record) => void this.records.push(record), ...given });
  }

  /** The next request is answered by this. */
  script(answer: Answer): void {
    this.#answers.push(answer);
  }

  /** What is answered next. */
  answer(code: number, body: unknown, headers: Readonly<Record<string, string>> = {}): void {
    this.#answers.push(() => ({ status: code, headers, body: typeof body === "string" ? body : JSON.stringify(body) }));
  }

  /** The next request fails with this. */
  fail(error: unknown): void {
    this.#answers.push(() => {
      throw error;
    });
  }

  bodyOf(index = 0): unknown {
    return JSON.parse(this.sent[index]?.body ?? "null");
  }

  /** Method and path of a request. */
  line(index = 0): string {
    return `${this.sent[index]?.method} ${this.sent[index]?.path}`;
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    this.sent.push(request);
    const answer = this.#answers.shift();
    if (!answer) throw new Error("no answer was scripted");
    return answer(request);
  }

  async stream(request: TransportRequest) {
    const { status: code, headers, body } = await this.request(request);
    return { status: code, headers, chunks: chunksOf(body) };
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

async function* chunksOf(...parts: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part);
}
