/** Why a process can no longer vouch for its lock. */
export type LossReason = "expired" | "taken" | "clock-jump" | "given-back" | "failed";

/** A lock that is not held any more: the reason of its signal, and what `assertHeld` throws. */
export class LockLostError extends Error {
  override readonly name = "LockLostError";
  readonly reason: LossReason;
  readonly key: string;

  constructor(key: string, reason: LossReason, cause?: unknown) {
    super(`lock on ${key} is not held any more: ${reason}`, { cause });
    this.key = key;
    this.reason = reason;
  }
}
