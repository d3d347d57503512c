import type { Dispatcher } from "undici";
import type { Clock } from "../lib/clock.ts";
import type { Credentials } from "./credentials.ts";
import { dispatchOnce, type Exchange, type Receiver } from "./exchange.ts";
import { KubeError } from "./kube-error.ts";
import type { TransportRequest } from "./transport.ts";

/** Over what, and as whom, requests are sent. */
export interface Sender {
  readonly pool: Dispatcher;
  /** Stands before the path of every request. */
  readonly prefix: string;
  readonly credentials: Credentials;
  readonly clock: Clock;
  readonly userAgent: string;
}

/** A request from the asking for credentials to its end, under a deadline and a signal. */
export interface Attempt extends Exchange {
  /** The deadline has been met. */
  answered(): void;
  /** It is over: nothing more is waited for. */
  settled(): void;
}

/** Asks for credentials and sends the request once, one turn of the event loop's microtasks from now. */
export function beginAttempt({ pool, prefix, credentials, clock, userAgent }: Sender, request: TransportRequest, receiver: Receiver): Attempt {
  let exchange: Exchange | undefined;
  let over = false;
  const abort = (reason: unknown): void => {
    if (exchange) return exchange.abort(reason);
    if (!over) receiver.broken(reason);
  };
  const onAbort = (): void => abort(request.signal?.reason);
  const deadline = clock.timer(request.deadlineMs, () => abort(new Error(`no answer within ${request.deadlineMs} ms`)));
  const send = (authentication: Readonly<Record<string, string>>): void => {
    if (over) return;
    const headers = { "user-agent": userAgent, ...request.headers, ...authentication };
    const message: Dispatcher.DispatchOptions = { method: request.method, path: prefix + request.path, headers, body: request.body ?? null, reset: false };
    exchange = dispatchOnce(pool, message, receiver);
  };
  const start = (): void => {
    if (request.signal?.aborted) return onAbort();
    request.signal?.addEventListener("abort", onAbort, { once: true });
    try {
      const found = credentials.headers();
      if (found instanceof Promise) found.then(send).catch(abort);
      else send(found);
    } catch (error) {
      abort(error);
    }
  };
  // The caller has its attempt in hand before the first thing happens to it.
  queueMicrotask(start);
  return {
    get sent() {
      return exchange?.sent ?? false;
    },
    abort,
    pause: () => exchange?.pause(),
    resume: () => exchange?.resume(),
    answered: () => deadline.cancel(),
    settled: () => {
      over = true;
      deadline.cancel();
      request.signal?.removeEventListener("abort", onAbort);
    },
  };
}

/** What the caller is told: a read that it aborted fails with its own reason, everything else is a KubeError that says whether anything can have changed. */
export function failureOf(request: TransportRequest, error: unknown, sent: boolean): unknown {
  if (request.method === "GET" && request.signal?.aborted && error === request.signal.reason) return error;
  const unknown = sent && request.method !== "GET";
  return new KubeError(unknown ? "UnknownOutcome" : "Unreachable", `${request.method} ${request.path}: ${reasonOf(error)}`, { cause: error });
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // A failed connection to a name with several addresses has an empty message and its reasons inside.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join("; ");
  return error.message || error.name;
}
