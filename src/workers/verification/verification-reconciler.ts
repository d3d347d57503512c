import { durationMs } from "../../api/duration.ts";
import type { EffectivenessAssessment, EffectivenessAssessmentStatus } from "../../api/effectiveness-assessment.ts";
import { kindOfTarget, kinds } from "../../api/kinds.ts";
import { parseKey } from "../../api/object.ts";
import { timestamp } from "../../api/timestamp.ts";
import type { CacheReader } from "../../cache/ports.ts";
import { done, waitFor, type Reconciler } from "../../controller/ports.ts";
import type { Clock } from "../../lib/clock.ts";
import { casStatus } from "../../kube/compare-and-swap.ts";
import { isKubeError } from "../../kube/kube-error.ts";
import type { Reader, Writer } from "../../kube/ports.ts";
import { healthOf, type Health } from "./health.ts";

export interface VerificationDeps {
  readonly client: Reader & Writer;
  readonly assessments: CacheReader<EffectivenessAssessment>;
  readonly clock: Clock;
  /** How long a target may take to become healthy. Milliseconds from the first look at it here, which is after the stabilization window. */
  readonly patienceMs: number;
}

const FIRST_LOOK_MS = 100;
const SLOWEST_LOOK_MS = 5000;

/** Assesses each EffectivenessAssessment by one question: is the target healthy again? Alerts and metrics are not asked. */
export function createVerificationReconciler(deps: VerificationDeps): Reconciler {
  const looks = new FirstLooks();
  return async (key, { signal }) => {
    const assessment = deps.assessments.get(parseKey(key));
    const phase = assessment?.status?.phase;
    if (!assessment || assessment.metadata.deletionTimestamp || phase === "Completed" || phase === "Failed") {
      looks.forget(key);
      return done;
    }
    const nowMs = deps.clock.now();
    const windowMs = durationMs(assessment.spec.config.stabilizationWindow) ?? 0;
    const startMs = Date.parse(assessment.metadata.creationTimestamp) + windowMs;
    // A clock that is behind the API server's must not make the wait longer than the window is.
    const earlyMs = Math.min(startMs - nowMs, windowMs);
    if (earlyMs > 0) return waitFor(earlyMs);
    const waitedMs = looks.sinceFirstMs(key, assessment, deps.clock.monotonic());
    const health = await look(deps.client, assessment, signal);
    if ((health.kind === "unhealthy" || health.kind === "unreadable") && waitedMs < deps.patienceMs) return waitFor(Math.min(SLOWEST_LOOK_MS, Math.max(FIRST_LOOK_MS, waitedMs / 4)));
    await casStatus(deps.client, kinds.EffectivenessAssessment, { ...assessment, status: verdict(assessment, health, nowMs) }, { signal });
    return done;
  };
}

/**
 * When this process first looked at the target of each assessment that has not ended, on the monotonic clock: by the wall clock a
 * target that stays sick would be waited for as long as that is behind, and one that is ahead would give none the time to heal.
 * The price: a process that starts anew waits anew. The deadline of the remediation bounds that.
 */
class FirstLooks {
  /** By key: the present object of that name. */
  readonly #first = new Map<string, { readonly uid: string; readonly atMs: number }>();

  /** Milliseconds since the first look at this very object; 0 at the first. */
  sinceFirstMs(key: string, { metadata: { uid } }: EffectivenessAssessment, nowMs: number): number {
    const first = this.#first.get(key);
    if (first?.uid === uid) return nowMs - first.atMs;
    this.#first.set(key, { uid, atMs: nowMs });
    return 0;
  }

  forget(key: string): void {
    this.#first.delete(key);
  }
}

async function look(reader: Reader, { spec }: EffectivenessAssessment, signal: AbortSignal): Promise<Health> {
  if (spec.clusterID) return { kind: "unknown", because: `targets of cluster ${spec.clusterID} can not be read from here` };
  const kind = kindOfTarget(spec.remediationTarget);
  if (!kind) return { kind: "unknown", because: `the health of a ${spec.remediationTarget.kind} is not known here` };
  const { name, namespace } = spec.remediationTarget;
  try {
    return healthOf(kind, await reader.get(kind, { name, ...(namespace ? { namespace } : {}) }, { signal }));
  } catch (error) {
    if (!isKubeError(error, "Forbidden")) throw error;
    return { kind: "unreadable", because: error.message };
  }
}

function verdict({ status }: EffectivenessAssessment, health: Health, nowMs: number): EffectivenessAssessmentStatus {
  const at = timestamp(nowMs);
  const ended = { ...status, phase: "Completed", completedAt: at } as const;
  switch (health.kind) {
    case "healthy":
      return { ...ended, assessmentReason: "Full", message: "The target is healthy.", components: { ...status?.components, healthAssessed: true, healthScore: 1 } };
    case "unhealthy":
      return { ...ended, assessmentReason: "Expired", message: `The target did not become healthy: ${health.because}.`, components: { ...status?.components, healthAssessed: true, healthScore: 0 } };
    case "unknown":
    case "unreadable":
      return { ...ended, assessmentReason: "Partial", message: `Not assessed: ${health.because}.`, components: { ...status?.components, healthAssessed: false } };
  }
}
