import { kindOfTarget, kinds } from "../../api/kinds.ts";
import { parseKey, type KubeObject } from "../../api/object.ts";
import type { SignalProcessing } from "../../api/signal-processing.ts";
import type { CacheReader } from "../../cache/ports.ts";
import { done, type ReconcileContext, type Reconciler } from "../../controller/ports.ts";
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

/** Classifies each SignalProcessing once, from the labels of its target and of the target's namespace, read live. */
export function createSignalProcessingReconciler(deps: SignalProcessingDeps): Reconciler {
  return async (key, context) => {
    const processing = deps.processings.get(parseKey(key));
    if (!processing || processing.metadata.deletionTimestamp || isFinished(processing)) return done;
    const status = classify(processing, await surroundingsOf(deps.client, processing, context), deps.clock.now());
    // Somebody else's answer is as good as ours: a stale version needs no second try.
    await casStatus(deps.client, kinds.SignalProcessing, { ...processing, status }, { signal: context.signal });
    return done;
  };
}

function isFinished({ status }: SignalProcessing): boolean {
  return status?.phase === "Completed" || status?.phase === "Failed";
}

async function surroundingsOf(reader: Reader, { spec }: SignalProcessing, context: ReconcileContext): Promise<Surroundings> {
  const { kind, name, namespace } = spec.signal.targetResource;
  const info = spec.signal.clusterID ? undefined : kindOfTarget({ kind });
  const read = async (get: Promise<KubeObject | undefined> | undefined): Promise<Surroundings["workload"]> => {
    try {
      const object = await get;
      return object && (object.metadata.labels ?? {});
    } catch (error) {
      if (!isKubeError(error, "Forbidden", "NotFound")) throw error;
      context.log.warn("surroundings of a target can not be read", { err: error, kind, namespace });
      return undefined;
    }
  };
  const { signal } = context;
  const [workload, around] = await Promise.all([
    read(info && reader.get(info, { name, ...(namespace ? { namespace } : {}) }, { signal })),
    read(namespace && !spec.signal.clusterID ? reader.get(kinds.Namespace, { name: namespace }, { signal }) : undefined),
  ]);
  return { workload, namespace: around };
}
