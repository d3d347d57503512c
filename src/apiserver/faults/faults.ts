import { assertNever } from "../../lib/assert-never.ts";
import type { Clock } from "../../lib/clock.ts";
import { ConnectionLost, type AsyncApiHandler, type AsyncCallOptions } from "../async-handler.ts";
import { delayMs, type Delay } from "../delayed-keys.ts";
import type { ApiHandler, ApiRequest, ApiResponse } from "../ports.ts";
import { errorResponse } from "../respond.ts";
import { StatusError } from "../status-error.ts";
import { fits, type FaultAction, type FaultMatch, type FaultRule, type RequestFacts } from "./fault-rule.ts";
import { FaultyStream } from "./faulty-stream.ts";

export interface FaultsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly handle: ApiHandler;
  describe(request: ApiRequest): RequestFacts;
}

type Fault = Exclude<FaultAction, { readonly kind: "delay" }>;

interface Plan {
  readonly requestMs: number;
  readonly answerMs: number;
  readonly fault: Fault | undefined;
}

/** A network, and an API server, that misbehave as told. What is handled inside (`handle`) knows nothing of it. */
export class Faults {
  readonly #deps: FaultsDeps;
  readonly #rules = new Map<FaultRule, { left: number }>();
  readonly #holds = new Set<FaultMatch>();
  readonly #lateness = new Map<FaultMatch, Delay>();
  readonly #streams = new Set<FaultyStream>();

  constructor(deps: FaultsDeps) {
    this.#deps = deps;
  }

  /** From now on, until the returned function is called or `times` are used up. */
  add(rule: FaultRule): () => void {
    const own = { ...rule };
    this.#rules.set(own, { left: rule.times ?? Number.POSITIVE_INFINITY });
    return () => void this.#rules.delete(own);
  }

  /** Ends the open watches that fit, as a server does that goes away. Returns how many. */
  closeWatches(match: FaultMatch = {}): number {
    const streams = [...this.#streams].filter(({ facts }) => fits(facts, match));
    for (const stream of streams) stream.close();
    return streams.length;
  }

  /** Holds back every line of the watches that fit, open now or later, without ending them. Called, the returned function lets everything through, in order. */
  holdWatches(match: FaultMatch = {}): () => void {
    const own = { ...match };
    this.#holds.add(own);
    return () => {
      if (this.#holds.delete(own)) this.#pump();
    };
  }

  /** Delays every line of the watches that fit; they stay in order. The returned function ends it for lines to come. */
  delayWatches(match: FaultMatch, delay: Delay): () => void {
    const own = { ...match };
    this.#lateness.set(own, delay);
    return () => void this.#lateness.delete(own);
  }

  /** Number of open watches that fit. */
  openWatches(match: FaultMatch = {}): number {
    return [...this.#streams].filter(({ facts }) => fits(facts, match)).length;
  }

  /** The API through the faults. A request that was sent arrives, even if its sender has given up meanwhile. */
  readonly call: AsyncApiHandler = async (request, options = {}) => {
    if (this.#rules.size === 0) return this.#handle(request, undefined);
    options.signal?.throwIfAborted();
    const facts = this.#deps.describe(request);
    return unlessAborted(this.#act(request, facts, this.#plan(facts)), options);
  };

  #plan(facts: RequestFacts): Plan {
    let [requestMs, answerMs] = [0, 0];
    let fault: Fault | undefined;
    for (const [rule, state] of this.#rules) {
      const { action } = rule;
      if ((action.kind !== "delay" && fault) || !fits(facts, rule.match ?? {})) continue;
      if (rule.probability !== undefined && this.#deps.random() >= rule.probability) continue;
      if (--state.left <= 0) this.#rules.delete(rule);
      if (action.kind !== "delay") fault = action;
      else [requestMs, answerMs] = [requestMs + delayMs(action.requestMs, 0), answerMs + delayMs(action.answerMs, 0)];
    }
    return { requestMs, answerMs, fault };
  }

  async #act(request: ApiRequest, facts: RequestFacts, { requestMs, answerMs, fault }: Plan): Promise<ApiResponse> {
    const { clock } = this.#deps;
    if (requestMs > 0) await clock.sleep(requestMs);
    const response = await this.#meet(request, facts, fault);
    if (answerMs > 0) await clock.sleep(answerMs);
    return response;
  }

  async #meet(request: ApiRequest, facts: RequestFacts, fault: Fault | undefined): Promise<ApiResponse> {
    switch (fault?.kind) {
      case undefined:
        return this.#handle(request, facts);
      case "drop-request":
        throw new ConnectionLost("the connection broke before the request arrived");
      case "drop-answer":
        this.#deps.handle(request);
        throw new ConnectionLost("the connection broke before the answer came");
      case "hang-request":
        return new Promise(() => undefined);
      case "hang-answer":
        this.#deps.handle(request);
        return new Promise(() => undefined);
      case "answer":
        return failure(fault);
      default:
        return assertNever(fault, "fault");
    }
  }

  #handle(request: ApiRequest, facts: RequestFacts | undefined): ApiResponse {
    const response = this.#deps.handle(request);
    if (response.kind === "body") return response;
    const about = facts ?? this.#deps.describe(request);
    return { ...response, open: (sink) => this.#open(response, about, sink) };
  }

  #open(response: ApiResponse & { readonly kind: "stream" }, facts: RequestFacts, sink: Parameters<typeof response.open>[0]): () => void {
    let stop: () => void = () => undefined;
    const stream: FaultyStream = new FaultyStream({
      sink,
      facts,
      clock: this.#deps.clock,
      delayMs: () => this.#latenessOf(facts),
      held: () => this.#holds.size > 0 && [...this.#holds].some((match) => fits(facts, match)),
      onOver: () => {
        this.#streams.delete(stream);
        stop();
      },
    });
    this.#streams.add(stream);
    stop = response.open(stream);
    return () => stream.stop();
  }

  #latenessOf(facts: RequestFacts): number {
    let sum = 0;
    for (const [match, delay] of this.#lateness) if (fits(facts, match)) sum += delayMs(delay, 0);
    return sum;
  }

  #pump(): void {
    for (const stream of this.#streams) stream.pump();
  }
}

const REASONS = { 429: "TooManyRequests", 500: "InternalError", 503: "ServiceUnavailable" } as const;

function failure({ status, retryAfterSeconds }: FaultAction & { readonly kind: "answer" }): ApiResponse {
  const details = retryAfterSeconds === undefined ? {} : { retryAfterSeconds };
  return errorResponse(new StatusError(status, REASONS[status], "a fault that was asked for", details));
}

/** Rejects with the signal's reason as soon as it aborts; the promise goes its way all the same. */
function unlessAborted<T>(promise: Promise<T>, { signal }: AsyncCallOptions): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    signal.addEventListener("abort", onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", onAbort));
  });
}
