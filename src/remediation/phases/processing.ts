import { signalProcessingName } from "../../api/child-names.ts";
import { kinds } from "../../api/kinds.ts";
import { aiAnalysisFor } from "../creators/ai-analysis.ts";
import { signalProcessingFor } from "../creators/signal-processing.ts";
import { limitMs } from "../limits.ts";
import { seconds, statusOf, withCondition, withProgress } from "../status.ts";
import { occupiedRetryMs, reference } from "./child-reference.ts";
import type { PhaseDeps, PhaseHandler } from "./deps.ts";
import { failed } from "./ended.ts";
import { heldUp, wait } from "./outcome.ts";

/** The signal is being classified; when that is done, the analysis is asked for. */
export function createProcessingPhase(deps: PhaseDeps): PhaseHandler<"Processing"> {
  return async (rr, { signal }) => {
    const nowMs = deps.clock.now();
    const name = rr.status?.phaseProgress?.signalProcessingRef?.name ?? signalProcessingName(rr.metadata.name);
    const processed = await deps.children.find(kinds.SignalProcessing, deps.caches.signalProcessings, name, rr, { signal });
    if (!processed) {
      const again = await deps.children.ensure(kinds.SignalProcessing, signalProcessingFor(rr, seconds(nowMs + limitMs(rr, "processing", deps.settings))), rr, { signal });
      if (again.kind === "refused") return failed(rr, deps, { reason: "SignalProcessingRefused", message: `The API server takes no SignalProcessing of this signal: ${again.message}` }, "SignalProcessing");
      return again.kind === "occupied" ? heldUp(occupiedRetryMs) : wait(deps.settings.safetyPollMs);
    }
    if (processed.status?.phase === "Failed") {
      return failed(rr, deps, { reason: "SignalProcessingFailed", message: processed.status.failureInfo?.error ?? `${name} failed.` }, "SignalProcessing");
    }
    if (processed.status?.phase !== "Completed") return wait(deps.settings.safetyPollMs);

    const ensured = await deps.children.ensure(kinds.AIAnalysis, aiAnalysisFor(rr, processed, seconds(nowMs + limitMs(rr, "analyzing", deps.settings))), rr, { signal });
    if (ensured.kind === "refused") return failed(rr, deps, { reason: "AIAnalysisRefused", message: `The API server takes no AIAnalysis of this signal: ${ensured.message}` }, "AIAnalysis");
    if (ensured.kind === "occupied") return heldUp(occupiedRetryMs);
    const analysis = ensured.object.metadata.name;
    const progressed = withProgress(statusOf(rr), { analyzingStartTime: seconds(nowMs), aiAnalysisRef: reference(ensured.object) });
    const complete = { type: "SignalProcessingComplete", status: "True", reason: "SignalProcessingSucceeded", message: "Signal processed" } as const;
    const ready = { type: "AIAnalysisReady", status: "True", reason: "AIAnalysisCreated", message: `AIAnalysis ${analysis} created` } as const;
    const status = withCondition(withCondition(progressed, complete, nowMs, rr.metadata.generation), ready, nowMs, rr.metadata.generation);
    return { kind: "move", to: "Analyzing", status, reason: "Analyzing", message: `Cause and workflow are being looked for by ${analysis}.` };
  };
}
