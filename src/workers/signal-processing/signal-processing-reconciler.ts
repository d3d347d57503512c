import { kindOfTarget, kinds } from "../../api/kinds.ts";
import type { KindInfo } from "../../api/kind.ts";
import { parseKey, type ObjectKey } from "../../api/object.ts";
import type { SignalProcessing } from "../../api/signal-processing.ts";
import { timestamp } from "../../api/timestamp.ts";
import type { CacheReader } from "../../cache/ports.ts";
import { done, waitFor, type ReconcileContext, type Reconciler, type Result } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import { casStatus } from "../../kube/compare-and-swap.ts";
import { isKubeError } from "../../kube/kube-error.ts";
import type { Reader, Writer } from "../../kube/ports.ts";
import { classify, type Surroundings } from "./classify.ts";

export interface SignalProcessingDeps {
  readonly client: Reader & Writer;
  readonly processings: CacheReader<SignalProcessing>;
  readonly clock: Clock;
}

/** How soon to look again at a target that we may not read. */
const UNREADABLE_RETRY_MS = 5000;

/**
 * Classifies each SignalProcessing once, from the labels of its target and of the target's namespace, read live. What we may
 * not read we do not guess: it says so and waits.
 */
export function createSignalProcessingReconciler(deps: SignalProcessingDeps): Reconciler {
  return async (key, context) => {
    const processing = deps.processings.get(parseKey(key));
    if (!processing || processing.metadata.deletionTimestamp || isFinished(processing)) return done;
    const around = await surroundingsOf(deps.client, processing, context);
    if ("unreadable" in around) return waitForRight(deps, processing, around.unreadable, context);
    // Somebody else's answer is as good as ours: a stale version needs no second try.
    await casStatus(deps.client, kinds.SignalProcessing, { ...processing, status: classify(processing, around, deps.clock.now()) }, { signal: context.signal });
    return done;
  };
}

function isFinished({ status }: SignalProcessing): boolean {
  return status?.phase === "Completed" || status?.phase === "Failed";
}

async function surroundingsOf(reader: Reader, { spec }: SignalProcessing, { signal }: ReconcileContext): Promise<Surroundings | { readonly unreadable: string }> {
  const { kind, name, namespace } = spec.signal.targetResource;
  const info = spec.signal.clusterID ? undefined : kindOfTarget({ kind });
  const labels = async (of: KindInfo, at: ObjectKey): Promise<Surroundings["workload"]> => {
    const object = await reader.get(of, at, { signal });
    return object && (object.metadata.labels ?? {});
  };
  try {
    const [workload, around] = await Promise.all([
      info && labels(info, { name, ...(namespace ? { namespace } : {}) }),
      namespace && !spec.signal.clusterID ? labels(kinds.Namespace, { name: namespace }) : undefined,
    ]);
    return { workload, namespace: around };
  } catch (error) {
    if (!isKubeError(error, "Forbidden")) throw error;
    return { unreadable: error.message };
  }
}

/** Says in a condition, once, what can not be read, and looks again. */
async function waitForRight({ client, clock }: SignalProcessingDeps, processing: SignalProcessing, message: string, { signal }: ReconcileContext): Promise<Result> {
  const conditions = processing.status?.conditions ?? [];
  const type = "EnrichmentComplete";
  if (!conditions.some((condition) => condition.type === type && condition.message === message)) {
    const condition = { type, status: "False", reason: "RightMissing", message, lastTransitionTime: timestamp(clock.now()) } as const;
    const status = { ...processing.status, phase: "Enriching", conditions: [...conditions.filter((other) => other.type !== type), condition] } as const;
    await casStatus(client, kinds.SignalProcessing, { ...processing, status }, { signal });
  }
  return waitFor(UNREADABLE_RETRY_MS);
}
