import type { Verb } from "./call.ts";

/** One request as it is counted. */
export interface LoggedRequest {
  readonly user: string;
  readonly verb: Verb;
  readonly kind: string;
  /** Absent for the object itself. */
  readonly subresource?: string;
  /** HTTP status of the answer. */
  readonly code: number;
}

const WRITES: ReadonlySet<Verb> = new Set(["create", "update", "patch", "delete", "deletecollection"]);

/** Counts requests for resources, as the API server answered them. */
export class RequestLog {
  readonly #counts = new Map<string, { readonly request: LoggedRequest; count: number }>();

  add(request: LoggedRequest): void {
    const key = `${request.user} ${request.verb} ${request.kind}/${request.subresource ?? ""} ${request.code}`;
    const known = this.#counts.get(key);
    if (known) known.count++;
    else this.#counts.set(key, { request, count: 1 });
  }

  /** How many requests had every one of the given properties. */
  count(match: Partial<LoggedRequest> = {}): number {
    return this.#sum((request) => fits(request, match));
  }

  /** The same, of requests that change something if they are granted; refused and failed ones count. */
  writes(match: Partial<LoggedRequest> = {}): number {
    return this.#sum((request) => WRITES.has(request.verb) && fits(request, match));
  }

  /** Every kind of request seen, with its count. */
  entries(): readonly (LoggedRequest & { readonly count: number })[] {
    return [...this.#counts.values()].map(({ request, count }) => ({ ...request, count }));
  }

  /** Starts again at zero. */
  clear(): void {
    this.#counts.clear();
  }

  #sum(counts: (request: LoggedRequest) => boolean): number {
    let sum = 0;
    for (const { request, count } of this.#counts.values()) if (counts(request)) sum += count;
    return sum;
  }
}

function fits(request: LoggedRequest, { user, verb, kind, subresource, code }: Partial<LoggedRequest>): boolean {
  return (
    (user === undefined || request.user === user) &&
    (verb === undefined || request.verb === verb) &&
    (kind === undefined || request.kind === kind) &&
    (subresource === undefined || request.subresource === subresource) &&
    (code === undefined || request.code === code)
  );
}
