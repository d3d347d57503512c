import { durationMs } from "../api/duration.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { RemediationSettings } from "./settings.ts";

/** How long a phase of `rr` may take, milliseconds: what its own timeoutConfig says (an operator may have changed it), else the installation's setting. */
export function limitMs(rr: RemediationRequest, phase: "processing" | "analyzing" | "executing", settings: Pick<RemediationSettings, "timeoutsMs">): number {
  return durationMs(rr.status?.timeoutConfig?.[phase]) ?? settings.timeoutsMs[phase];
}
