import { kinds } from "../../api/kinds.ts";
import type { RemediationRequest, RemediationRequestStatus } from "../../api/remediation-request.ts";
import { formatDuration } from "../../api/duration.ts";
import { signalProcessingFor } from "../creators/signal-processing.ts";
import { limitMs } from "../limits.ts";
import { seconds, statusOf, withCondition, withProgress } from "../status.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { occupiedRetryMs, reference } from "./child-reference.ts";
import { failed } from "./ended.ts";
import { heldUp, type Outcome } from "./outcome.ts";

/** First sight, and a RemediationRequest that was put back to Pending: its signal is to be processed. */
export function createPendingPhase(deps: PhaseDeps): PhaseHandler<"" | "Pending"> {
  return async (rr, { signal }): Promise<Outcome<"" | "Pending">> => {
    const nowMs = deps.clock.now();
    const timesOutAt = seconds(nowMs + limitMs(rr, "processing", deps.settings));
    const ensured = await deps.children.ensure(kinds.SignalProcessing, signalProcessingFor(rr, timesOutAt), rr, { signal });
    if (ensured.kind === "refused") return failed(rr, deps, { reason: "SignalProcessingRefused", message: `The API server takes no SignalProcessing of this signal: ${ensured.message}` }, "SignalProcessing");
    if (ensured.kind === "occupied") return heldUp(occupiedRetryMs);
    const { name } = ensured.object.metadata;
    const begun = withProgress(initialised(rr, deps, nowMs), { processingStartTime: seconds(nowMs), signalProcessingRef: reference(ensured.object) });
    const ready = { type: "SignalProcessingReady", status: "True", reason: "SignalProcessingCreated", message: `SignalProcessing ${name} created` } as const;
    return { kind: "move", to: "Processing", status: withCondition(begun, ready, nowMs, rr.metadata.generation), reason: "Processing", message: `Signal is being processed by ${name}.` };
  };
}

/** What a status carries from the first sight on; what is there already is kept. */
function initialised(rr: RemediationRequest, { settings }: PhaseDeps, nowMs: number): RemediationRequestStatus {
  const status = statusOf(rr);
  const { timeoutsMs } = settings;
  return {
    ...status,
    startTime: status.startTime ?? seconds(nowMs),
    timeoutConfig: {
      processing: formatDuration(timeoutsMs.processing),
      analyzing: formatDuration(timeoutsMs.analyzing),
      executing: formatDuration(timeoutsMs.executing),
      ...status.timeoutConfig,
    },
  };
}
