import type { AsyncApiHandler } from "../../src/apiserver/async-handler.ts";
import type { ApiResponse } from "../../src/apiserver/ports.ts";
import { createChunkQueue } from "../../src/kube/chunk-queue.ts";
import { KubeError } from "../../src/kube/kube-error.ts";
import type { Transport, TransportRequest, TransportStream } from "../../src/kube/transport.ts";
import { abortScope } from "../../src/lib/abort-scope.ts";
import type { Clock } from "../../src/lib/clock.ts";

export interface InProcessTransportDeps {
  /** The API: an embedded server's `call`, or its `handle` made asynchronous. */
  readonly call: AsyncApiHandler;
  readonly clock: Clock;
  /** Sent with every request, for instance `authorization`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A transport without a socket: whatever takes time takes it from `clock`, so that the client runs in virtual time. */
export function createInProcessTransport(deps: InProcessTransportDeps): Transport {
  const open = new Set<AbortController>();
  return {
    async request(request) {
      const answer = await ask(deps, request);
      if (answer.kind === "body") return answer;
      throw new TypeError(`${request.method} ${request.path} answered with a stream`);
    },
    async stream(request) {
      const answer = await ask(deps, request);
      if (answer.kind === "body") return { ...answer, chunks: oneChunk(answer.body) };
      return streamOf(answer, request.signal, open);
    },
    close: async () => open.forEach((controller) => controller.abort(new KubeError("Unreachable", "the transport was closed"))),
  };
}

async function ask({ call, clock, headers }: InProcessTransportDeps, request: TransportRequest): Promise<ApiResponse> {
  using scope = abortScope(request.signal);
  const deadline = clock.timer(request.deadlineMs, () => scope.abort(new Error(`no answer within ${request.deadlineMs} ms`)));
  const { method, path, body } = request;
  const aborted = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(scope.signal.reason);
    if (scope.signal.aborted) refuse();
    scope.signal.addEventListener("abort", refuse, { once: true });
  });
  const sent = !scope.signal.aborted;
  try {
    if (!sent) return await aborted;
    return await Promise.race([call({ method, url: path, headers: { ...request.headers, ...headers }, ...(body === undefined ? {} : { body }) }, { signal: scope.signal }), aborted]);
  } catch (error) {
    if (method === "GET" && request.signal?.aborted) throw request.signal.reason;
    throw new KubeError(sent && method !== "GET" ? "UnknownOutcome" : "Unreachable", `${method} ${path}: no answer`, { cause: error });
  } finally {
    deadline.cancel();
    aborted.catch(() => undefined);
  }
}

function streamOf(answer: Extract<ApiResponse, { readonly kind: "stream" }>, signal: AbortSignal, open: Set<AbortController>): TransportStream {
  const closing = new AbortController();
  const chunks = createChunkQueue<string>({ highWater: Number.POSITIVE_INFINITY, onDone: () => letGo() });
  const onAbort = (): void => fail(signal.reason);
  const fail = (reason: unknown): void => {
    chunks.fail(reason);
    letGo();
  };
  let stop: (() => void) | undefined = answer.open({ write: (line) => chunks.push(line), end: () => chunks.end() });
  const letGo = (): void => {
    stop?.();
    stop = undefined;
    open.delete(closing);
    signal.removeEventListener("abort", onAbort);
  };
  open.add(closing);
  closing.signal.addEventListener("abort", () => fail(closing.signal.reason), { once: true });
  signal.addEventListener("abort", onAbort, { once: true });
  if (signal.aborted) onAbort();
  return { status: answer.status, headers: answer.headers, chunks };
}

async function* oneChunk(body: string): AsyncGenerator<string> {
  yield body;
}
