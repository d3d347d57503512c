import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

const PREFIX = "kubernaut_remediationorchestrator_";
/** Seconds; fine where the product promises milliseconds. */
const QUICK = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const SLOW = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 1800];

/** Every metric of this program. Labels are bounded: never a fingerprint, an object's name or a target. */
export type Instruments = ReturnType<typeof createInstruments>;

/** The metrics, on a registry of their own. Process metrics (memory, event-loop lag) are collected too when asked for. */
export function createInstruments(options: { readonly processMetrics: boolean } = { processMetrics: false }) {
  const registry = new Registry();
  const registers = [registry];
  if (options.processMetrics) collectDefaultMetrics({ register: registry });
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]): Counter<L> => new Counter({ name, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, ...labelNames: L[]): Gauge<L> => new Gauge({ name, help, labelNames, registers });
  const histogram = <L extends string>(name: string, help: string, buckets: number[], ...labelNames: L[]): Histogram<L> => new Histogram({ name, help, buckets, labelNames, registers });
  return {
    registry,
    lockAcquisitionFailures: counter("ro_lock_acquisition_failures_total", "Locks that could not be asked for: the API server refused or did not answer.", "reason"),
    lockAcquisitions: counter("ro_lock_acquisitions_total", "Locks that were got, and how.", "form", "how"),
    lockRefused: counter("ro_lock_refused_total", "Locks that somebody else had.", "form", "why"),
    lockReleased: counter("ro_lock_released_total", "Locks that were given back.", "form"),
    lockReleaseFailures: counter("ro_lock_release_failures_total", "Locks that could not be given back at once; the reaper looks at them.", "form"),
    lockLost: counter("ro_lock_lost_total", "Process-held locks that could no longer be vouched for."),
    lockReaped: counter("ro_lock_reaped_total", "Locks that had outlived what they were for.", "form"),
    lockWaitSeconds: histogram("ro_lock_wait_seconds", "From asking for a lock to having it.", QUICK, "form"),
    lockHoldSeconds: histogram("ro_lock_hold_seconds", "From having a lock to giving it back.", SLOW, "form"),
    rightsMissing: gauge("ro_rights_missing", "Rights that are missing now. `needed`: nothing new is started; `targets`: some targets can not be read.", "scope"),
    phaseTransitions: counter(`${PREFIX}phase_transitions_total`, "Moves of RemediationRequests.", "from", "to"),
    blocked: counter(`${PREFIX}blocked_total`, "RemediationRequests that were blocked, by reason.", "reason"),
    remediationsCompleted: counter(`${PREFIX}remediations_completed_total`, "RemediationRequests that ended, by outcome or final phase.", "outcome"),
    fenced: counter(`${PREFIX}fenced_total`, "Workflows that were created and never ran, because another one had the target. Rare in a healthy fleet."),
    reconciles: counter(`${PREFIX}reconcile_total`, "Looks at one key, and what they came to.", "controller", "result"),
    reconcileSeconds: histogram(`${PREFIX}reconcile_duration_seconds`, "How long a look at one key took.", QUICK, "controller"),
    queues: depthsOf(registry),
    apiRequests: counter(`${PREFIX}api_requests_total`, "Requests to the API server.", "verb", "kind", "status"),
    apiRequestSeconds: histogram(`${PREFIX}api_request_duration_seconds`, "How long requests to the API server took.", QUICK, "verb"),
    rrToWfeSeconds: histogram(`${PREFIX}rr_to_wfe_seconds`, "From the creation of a RemediationRequest to its Executing.", SLOW),
  };
}

/** How many keys a queue has right now, by state: ready, delayed, inHand. */
type Depth = () => Readonly<Record<string, number>>;

/** The queues whose depth is told, by the name of their controller: each is asked when somebody reads the metrics, and never before. */
function depthsOf(registry: Registry): Map<string, Depth> {
  const queues = new Map<string, Depth>();
  const depth = new Gauge({
    name: `${PREFIX}queue_depth`,
    help: "Keys in a work queue: ready, delayed, inHand.",
    labelNames: ["controller", "state"],
    registers: [],
    collect() {
      for (const [controller, now] of queues) for (const [state, keys] of Object.entries(now())) this.set({ controller, state }, keys);
    },
  });
  registry.registerMetric(depth);
  return queues;
}
