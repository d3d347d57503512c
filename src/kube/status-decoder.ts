import { KubeError, type KubeErrorReason } from "./kube-error.ts";
import type { TransportResponse } from "./transport.ts";

/** metav1.Status, the part that says what went wrong. */
interface Status {
  readonly kind?: string;
  readonly code?: number;
  readonly reason?: string;
  readonly message?: string;
  readonly details?: { readonly name?: string; readonly retryAfterSeconds?: number };
}

const BY_REASON: Readonly<Record<string, KubeErrorReason>> = {
  BadRequest: "BadRequest",
  Unauthorized: "Unauthorized",
  Forbidden: "Forbidden",
  NotFound: "NotFound",
  AlreadyExists: "AlreadyExists",
  Conflict: "Conflict",
  Gone: "Expired",
  Expired: "Expired",
  Invalid: "Invalid",
  TooManyRequests: "TooManyRequests",
};

const BY_STATUS: Readonly<Record<number, KubeErrorReason>> = { 401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 409: "Conflict", 410: "Expired", 422: "Invalid", 429: "TooManyRequests" };

/** The error that an answer of 400 or more stands for. */
export function errorOf(response: TransportResponse): KubeError {
  const status = parseStatus(response.body);
  return statusError(response.status, status, retryAfterMs(response));
}

/** The error that an ERROR event of a watch carries. */
export function watchError(object: unknown): KubeError {
  // The wire promises a Status here; anything else still is an error.
  const status = (object ?? {}) as Status;
  return statusError(status.code ?? 500, status, undefined);
}

function statusError(code: number, status: Status, retryAfter: number | undefined): KubeError {
  const reason = BY_REASON[status.reason ?? ""] ?? BY_STATUS[code] ?? (code >= 500 ? "ServerError" : "BadRequest");
  return new KubeError(reason, status.message ?? `the API server answered ${code}`, { status: code, ...(retryAfter === undefined ? {} : { retryAfterMs: retryAfter }) });
}

function retryAfterMs({ headers }: TransportResponse): number | undefined {
  const seconds = Number(headers["retry-after"]);
  return headers["retry-after"] && Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function parseStatus(body: string): Status {
  try {
    const value: unknown = JSON.parse(body);
    return typeof value === "object" && value !== null ? value : { message: body };
  } catch (error) {
    // Proxies and aggregated servers answer in plain text.
    if (error instanceof SyntaxError) return { message: body.slice(0, 500) };
    throw error;
  }
}
