/**
 * Why a call failed. `UnknownOutcome`: a write was sent and no answer came, it may or may not have landed.
 * `Unreachable`: no answer, and nothing can have changed (a read, or a connection that was never made).
 */
export type KubeErrorReason =
  | "BadRequest"
  | "Unauthorized"
  | "Forbidden"
  | "NotFound"
  | "AlreadyExists"
  | "Conflict"
  | "Expired"
  | "Invalid"
  | "TooManyRequests"
  | "ServerError"
  | "UnknownOutcome"
  | "Unreachable";

export interface KubeErrorDetail {
  /** HTTP status, absent when no answer came. */
  readonly status?: number;
  /** What the server asked to wait, from Retry-After. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

/** The one error of this boundary: a call to an API server that did not do what it says. Told apart by `reason`, never by its message. */
export class KubeError extends Error {
  override readonly name = "KubeError";
  readonly reason: KubeErrorReason;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(reason: KubeErrorReason, message: string, detail: KubeErrorDetail = {}) {
    super(message, { cause: detail.cause });
    this.reason = reason;
    this.status = detail.status;
    this.retryAfterMs = detail.retryAfterMs;
  }
}

/** Whether `error` is a KubeError with one of `reasons`. */
export function isKubeError(error: unknown, ...reasons: readonly KubeErrorReason[]): error is KubeError {
  return error instanceof KubeError && (reasons.length === 0 || reasons.includes(error.reason));
}

/**
 * Whether a PUT or DELETE with a precondition was refused because the object is gone, is another one, or has moved on. A PATCH says
 * so in yet another way: see `exactPatch`.
 */
export function isNotThatObject(error: unknown): error is KubeError {
  return isKubeError(error, "NotFound", "Conflict");
}
