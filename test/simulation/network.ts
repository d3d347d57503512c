import type { ApiRequest, ApiResponse } from "../../src/apiserver/ports.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import type { Transport, TransportRequest, TransportResponse } from "../../src/kube/transport.ts";
import type { SimProcess } from "./process.ts";
import { SimStream } from "./stream.ts";
import type { Timeline } from "./timeline.ts";

/** A request that is about to leave its process. */
export interface Message {
  readonly process: SimProcess;
  /** Counted per process, from 0. */
  readonly number: number;
  readonly request: TransportRequest;
}

/**
 * What becomes of a request. `lost`, `answer-lost`: nothing is heard of it any more. `reset`, `answer-reset`: the same, and the
 * sender learns soon that its connection broke. `late`: it arrives whatever becomes of its sender. `answer`: a failure in
 * place of handling it. `answer-after`: it is handled, and a failure is answered. `twice`: something on the way sends it once
 * more, and nobody hears of that answer.
 */
export type Fate =
  | { readonly kind: "arrives" | "lost" | "answer-lost" | "reset" | "answer-reset" | "late" }
  | { readonly kind: "answer" | "answer-after"; readonly status: 429 | 500 | 503; readonly retryAfterSeconds?: number }
  | { readonly kind: "twice"; readonly againMs: number };

/** How a message travels: its fate, and how long each way takes. Milliseconds. */
export interface Journey {
  readonly fate: Fate;
  readonly requestMs: number;
  readonly answerMs: number;
}

/** What stands between a process and the API server. */
export interface NetworkDeps {
  readonly timeline: Timeline;
  readonly process: SimProcess;
  readonly headers: Readonly<Record<string, string>>;
  /** Handles a request right now; undefined when the API server is down. */
  readonly handle: (process: SimProcess, request: ApiRequest) => ApiResponse | undefined;
  /** Asked once per message, in the moment that it is sent. */
  readonly send: (message: Message) => Journey;
  /** Told when a message has been handled, before its answer travels. */
  readonly landed: (message: Message, status: number) => void;
  /** Told when a message that will not be handled would have been: it was lost, or a failure takes the place of its answer. */
  readonly failed: (message: Message) => void;
  /** Carries out what is sent once more. */
  readonly again: (message: Message, handle: () => void) => void;
  /** How late the next line of a watch is. */
  readonly lagMs: (path: string) => number;
}

/** The connections of one process to the API server, without a socket and in the timeline's time. */
export class SimNetwork implements Transport {
  readonly #deps: NetworkDeps;
  readonly #streams = new Set<SimStream>();
  #sent = 0;
  #cut = false;
  #clogged: ((path: string) => boolean) | undefined;

  constructor(deps: NetworkDeps) {
    this.#deps = deps;
  }

  async request(request: TransportRequest): Promise<TransportResponse> {
    const answer = await this.#ask(request);
    if (answer.kind === "body") return answer;
    throw new TypeError(`${request.method} ${request.path} answered with a stream`);
  }

  async stream(request: TransportRequest & { readonly signal: AbortSignal }): ReturnType<Transport["stream"]> {
    const answer = await this.#ask(request);
    if (answer.kind === "body") return { ...answer, chunks: oneChunk(answer.body) };
    const { process, lagMs } = this.#deps;
    const stream = new SimStream({ process, path: request.path, lagMs: () => lagMs(request.path), over: () => void this.#streams.delete(stream) });
    this.#streams.add(stream);
    if (this.#cut) stream.hold();
    stream.open(answer, request.signal);
    return { status: answer.status, headers: answer.headers, chunks: stream.chunks };
  }

  /** Open watches whose path holds `part`. */
  streams(part = ""): readonly SimStream[] {
    return [...this.#streams].filter(({ path }) => path.includes(part));
  }

  /** From now on nothing gets through in either direction: requests are lost, watches are silent. */
  cut(): void {
    this.#cut = true;
    for (const stream of this.#streams) stream.hold();
  }

  /** The opposite: what watches had to tell meanwhile comes now, in order. */
  heal(): void {
    this.#cut = false;
    for (const stream of this.#streams) stream.release();
  }

  /** From now on requests whose path fits are lost, and nothing else is; undefined: none is. */
  clog(fits: ((path: string) => boolean) | undefined): void {
    this.#clogged = fits;
  }

  /** Every connection breaks. */
  breakAll(): void {
    for (const stream of this.#streams) stream.breakOff();
  }

  /** The process is gone: the server lets go of its watches. */
  close(): Promise<void> {
    for (const stream of this.#streams) stream.letGo();
    return Promise.resolve();
  }

  #ask(request: TransportRequest): Promise<ApiResponse> {
    const { promise, resolve, reject } = Promise.withResolvers<ApiResponse>();
    const { process } = this.#deps;
    const { signal } = request;
    const fail = (cause: unknown, sent = true): void => end(() => reject(failureOf(request, cause, sent)));
    const onAbort = (): void => fail(signal?.reason);
    const deadline = process.clock.timer(request.deadlineMs, () => fail(new Error(`no answer within ${request.deadlineMs} ms`)));
    const end = (settle: () => void): void => {
      deadline.cancel();
      signal?.removeEventListener("abort", onAbort);
      settle();
    };
    if (signal?.aborted) fail(signal.reason, false);
    else {
      signal?.addEventListener("abort", onAbort, { once: true });
      this.#dispatch({ process, number: this.#sent++, request }, { answer: (response) => end(() => resolve(response)), broken: (sent) => fail(new Error("the connection broke"), sent) });
    }
    return promise;
  }

  #dispatch(message: Message, back: { answer(response: ApiResponse): void; broken(sent: boolean): void }): void {
    const { timeline, process, send, failed, again } = this.#deps;
    const { fate, requestMs, answerMs } = send(message);
    const soon = (happen: () => void): void => void process.after(answerMs, happen);
    const arrive = (): void => {
      if (this.#cut || this.#clogged?.(message.request.path)) return;
      if (fate.kind === "lost" || fate.kind === "reset" || fate.kind === "answer") failed(message);
      if (fate.kind === "lost") return;
      if (fate.kind === "reset") return soon(() => back.broken(true));
      if (fate.kind === "answer") return soon(() => back.answer(failure(fate.status, fate.retryAfterSeconds)));
      const response = this.#handle(message);
      if (!response) return soon(() => back.broken(false));
      if (fate.kind === "twice") timeline.after(fate.againMs, () => again(message, () => void this.#handle(message)));
      if (fate.kind === "answer-lost" || this.#cut) return;
      if (fate.kind === "answer-reset") return soon(() => back.broken(true));
      const answered = fate.kind === "answer-after" ? failure(fate.status, fate.retryAfterSeconds) : response;
      soon(() => {
        if (!this.#cut) back.answer(answered);
      });
    };
    // A process that was stopped as it sent sends when it goes on; one that was killed never does.
    if (fate.kind === "late") timeline.after(requestMs, arrive);
    else process.after(0, () => void timeline.after(requestMs, arrive));
  }

  #handle(message: Message): ApiResponse | undefined {
    const { handle, process, headers, landed } = this.#deps;
    const { method, path, body, headers: own } = message.request;
    const response = handle(process, { method, url: path, headers: { ...own, ...headers }, ...(body === undefined ? {} : { body }) });
    if (response) landed(message, response.status);
    return response;
  }
}

const REASONS = { 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable" } as const;

function failure(status: keyof typeof REASONS, retryAfterSeconds: number | undefined): ApiResponse {
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", reason: REASONS[status], message: "a fault of the simulation", code: status });
  return { kind: "body", status, headers: retryAfterSeconds === undefined ? {} : { "retry-after": String(retryAfterSeconds) }, body };
}

/** What a transport promises of its failures (see `kube/transport.ts`). */
function failureOf(request: TransportRequest, cause: unknown, sent: boolean): unknown {
  if (request.method === "GET" && request.signal?.aborted) return request.signal.reason;
  const unknown = sent && request.method !== "GET";
  return new KubeError(unknown ? "UnknownOutcome" : "Unreachable", `${request.method} ${request.path}: no answer`, { cause });
}

async function* oneChunk(body: string): AsyncGenerator<string> {
  yield body;
}
