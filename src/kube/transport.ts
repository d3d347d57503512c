/** One request to an API server, body already serialised. */
export interface TransportRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Path and query string. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  readonly deadlineMs: number;
  /** Not to wait behind those of this client that are not. */
  readonly urgent?: boolean;
}

/** A whole answer. Header names are in lower case. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** An answer that goes on: its chunks come until the server ends it, it breaks (throws) or the signal aborts. */
export interface TransportStream {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** UTF-8 bytes, cut anywhere; or text, where there never were any. */
  readonly chunks: AsyncIterable<Uint8Array | string>;
}

/**
 * Carries requests to an API server: over TLS, or in process. It never sends a write twice. When no answer came it throws
 * KubeError: `UnknownOutcome` for a write that may have been sent, `Unreachable` otherwise; a read that was aborted throws
 * the signal's own reason.
 */
export interface Transport {
  request(request: TransportRequest): Promise<TransportResponse>;
  /** `deadlineMs` covers the time until the first byte of the answer only. */
  stream(request: TransportRequest & { readonly signal: AbortSignal }): Promise<TransportStream>;
  close(): Promise<void>;
}
