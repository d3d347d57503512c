import type { RemediationRequest } from "../../api/remediation-request.ts";
import { statusOf } from "../status.ts";
import { heldUp, type Amend, type Wait } from "./outcome.ts";

/** Reason of the condition Ready while a right of ours is missing. */
export const RIGHT_MISSING = "RightMissing";

/** How soon to look again at what a missing right holds up. */
export const HINDERED_RETRY_MS = 5000;

/** Nothing is done for want of a right: people are told so once, in status and condition, and the next step takes it away again. */
export function hindered(rr: RemediationRequest, because: string): Amend | Wait {
  const ready = rr.status?.conditions?.find(({ type }) => type === "Ready");
  if (ready?.reason === RIGHT_MISSING && ready.message === because) return heldUp(HINDERED_RETRY_MS);
  return { kind: "amend", status: statusOf(rr), reason: RIGHT_MISSING, message: because };
}
