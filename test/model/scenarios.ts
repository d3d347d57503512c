import type { Build } from "./checker.ts";

/** An invariant of the protocol by its number in CHECK. */
const INVARIANTS = { I1: 1, I2: 2, I3: 3, I4: 4, I5: 5, L1: 6 } as const;

export type Invariant = keyof typeof INVARIANTS;

/** How often each thing may go wrong within one history. */
export interface Faults {
  /** A replica crashes, or no longer waits for an answer, with a write on its way that lands later or never. */
  readonly crashes?: number;
  /** A request is cancelled or times out. */
  readonly cancels?: number;
  /** A request is deleted, by a person at any time or by retention. */
  readonly removals?: number;
  /** A request comes back under its old name. */
  readonly recreations?: number;
  readonly wfeDeletions?: number;
  /** A person deletes a Job, in the background. */
  readonly jobDeletions?: number;
  /** A Running one takes longer than its limit. */
  readonly overdue?: number;
  /** One that the executor can not run at all. */
  readonly unable?: number;
}

/** One exhaustive search. */
export interface Scenario {
  readonly name: string;
  readonly requests: 2 | 3;
  /** Requests with a second orchestrator thread. */
  readonly doubled?: number;
  /** How often both threads of a request may work at once, where all are doubled. Absent: as often as they like. */
  readonly overlaps?: number;
  readonly faults: Faults;
  /**
   * Whether caches may show the past, though not before the birth of what they deliver. `stale`: of others; `stalest`: an
   * executor may also see its own one Pending when it has long moved on.
   */
  readonly caches: "stale" | "stalest" | "fresh";
  /** `states`: invariants and dead ends; `cycles`: histories that go round for ever. */
  readonly search: Build["search"];
  /** Guards that are taken out. */
  readonly without?: string;
  /** What then has to break, and is the only thing looked at. Absent: nothing may. */
  readonly breaks?: Invariant;
  /** Part of the short run, as every ablation is. */
  readonly quick?: boolean;
}

const FAULT_DEFINES = {
  crashes: "CRASHES",
  cancels: "CANCELS",
  removals: "REMOVALS",
  recreations: "RECREATIONS",
  wfeDeletions: "WFE_DELETIONS",
  jobDeletions: "JOB_DELETIONS",
  overdue: "OVERDUE",
  unable: "UNABLE",
} as const satisfies Record<keyof Faults, string>;

/** What has to be compiled for a scenario. */
export function buildOf(scenario: Scenario): Build {
  const faults = Object.entries(FAULT_DEFINES).map(([fault, define]) => `${define}=${scenario.faults[fault as keyof Faults] ?? 0}`);
  const { requests, doubled = 0, overlaps, caches, without, breaks, search } = scenario;
  return {
    defines: [
      `N=${requests}`,
      `DOUBLED=${doubled}`,
      ...(overlaps === undefined ? [] : [`OVERLAPS=${overlaps}`]),
      ...faults,
      ...(caches === "fresh" ? ["FRESH"] : caches === "stalest" ? ["BEHIND"] : []),
      ...(without ? [without] : []),
      ...(breaks ? [`CHECK=${1 << INVARIANTS[breaks]}`] : []),
    ],
    search,
    compiler: without ? [] : ["-O2"],
  };
}

/** Size of the hash table that suits a scenario, log2 of its slots. */
export function hashBitsOf({ requests, without }: Scenario): number {
  return requests === 3 ? 26 : without ? 20 : 23;
}

/** The faults of a scenario in words. */
export function faultsInWords({ faults, caches }: Scenario): string {
  const words = Object.entries(faults).map(([fault, count]) => `${count} ${WORDS[fault as keyof Faults]}`);
  return [`${caches} caches`, ...words].join(", ");
}

const WORDS = {
  crashes: "write in flight",
  cancels: "cancel",
  removals: "RR deleted",
  recreations: "RR recreated",
  wfeDeletions: "WFE deleted",
  jobDeletions: "Job deleted",
  overdue: "overdue",
  unable: "not to be run",
} as const satisfies Record<keyof Faults, string>;

const stale = { requests: 2, caches: "stale", search: "states" } as const;
const stalest = { requests: 2, caches: "stalest", search: "states" } as const;
const fresh = { requests: 2, caches: "fresh", search: "states" } as const;
const round = { requests: 2, caches: "fresh", search: "cycles" } as const;

/** What must hold. */
export const SCENARIOS: readonly Scenario[] = [
  { ...stalest, name: "interleavings", faults: {}, quick: true },
  { ...stale, name: "interleavings, two threads on each request", doubled: 2, faults: {}, quick: true },
  { ...stale, name: "a write in flight", faults: { crashes: 1 }, quick: true },
  { ...stalest, name: "a write in flight", faults: { crashes: 1 }, quick: true },
  { ...stale, name: "a write in flight, two threads on one request", doubled: 1, faults: { crashes: 1 } },
  { ...stale, name: "two writes in flight, one after the other", faults: { crashes: 2 }, quick: true },
  { ...stale, name: "cancelled, a write in flight", faults: { cancels: 1, crashes: 1 }, quick: true },
  { ...stale, name: "cancelled, overdue, deleted", faults: { cancels: 1, overdue: 1, removals: 1 }, quick: true },
  { ...stale, name: "WorkflowExecution deleted, a write in flight", faults: { wfeDeletions: 1, crashes: 1 } },
  { ...stalest, name: "WorkflowExecution deleted", faults: { wfeDeletions: 1 }, quick: true },
  { ...stale, name: "Job deleted, one that can not be run, a write in flight", faults: { jobDeletions: 1, unable: 1, crashes: 1 } },
  { ...stale, name: "deleted and recreated", faults: { removals: 1, recreations: 1 }, quick: true },
  { ...fresh, name: "deleted and recreated, a write in flight", faults: { removals: 1, recreations: 1, crashes: 1 } },
  { ...fresh, name: "everybody ends: two threads each", doubled: 2, faults: {}, quick: true },
  { ...fresh, name: "everybody ends: WorkflowExecution deleted, a write in flight", faults: { wfeDeletions: 1, crashes: 1 }, quick: true },
  { ...fresh, name: "everybody ends: Job deleted, overdue", faults: { jobDeletions: 1, overdue: 1 }, quick: true },
  { ...fresh, name: "everybody ends: cancelled, a write in flight", faults: { cancels: 1, crashes: 1 }, quick: true },
  { ...round, name: "nobody goes round: two threads on one request", doubled: 1, faults: {}, quick: true },
  { ...round, name: "nobody goes round: two threads on each request, three times at once", doubled: 2, overlaps: 3, faults: {}, quick: true },
  { ...round, name: "nobody goes round: a write in flight", faults: { crashes: 1 }, quick: true },
  { ...round, name: "nobody goes round: WorkflowExecution deleted", faults: { wfeDeletions: 1 }, quick: true },
  { ...stale, requests: 3, name: "interleavings", faults: {}, quick: true },
  { ...stale, requests: 3, name: "cancelled", faults: { cancels: 1 }, quick: true },
  { ...stale, requests: 3, name: "overdue, one that can not be run", faults: { overdue: 1, unable: 1 } },
  { ...stale, requests: 3, name: "Job deleted", faults: { jobDeletions: 1 } },
  { ...stale, requests: 3, name: "WorkflowExecution deleted", faults: { wfeDeletions: 1 } },
  { ...stale, requests: 3, name: "deleted", faults: { removals: 1 } },
  { ...stale, requests: 3, name: "a write in flight", faults: { crashes: 1 } },
  { ...fresh, requests: 3, name: "everybody ends: cancelled", faults: { cancels: 1 } },
  { ...fresh, requests: 3, name: "everybody ends: Job deleted, overdue", faults: { jobDeletions: 1, overdue: 1 } },
  { ...fresh, requests: 3, name: "everybody ends: a write in flight", faults: { crashes: 1 } },
  { ...round, requests: 3, name: "nobody goes round", faults: {}, quick: true },
  { ...round, requests: 3, name: "nobody goes round: WorkflowExecution deleted", faults: { wfeDeletions: 1 } },
];

/** What must break, each with the first invariant that it is there for. */
export const ABLATIONS: readonly Scenario[] = [
  { ...stale, name: "Z1 no gate", without: "Z1", breaks: "I5", faults: {} },
  { ...stale, name: "Z1 no gate", without: "Z1", breaks: "I4", faults: { removals: 1, crashes: 1 } },
  { ...stale, name: "Z2 others that are Pending are not looked at", without: "Z2_IGNORED", breaks: "I1", faults: {} },
  { ...stale, name: "Z2 younger ones that are Pending are not fenced", without: "Z2_ORDER", breaks: "I1", faults: {} },
  { ...stale, name: "Z3 Job born running", without: "Z3", breaks: "I3", faults: {} },
  { ...stale, name: "Z3 Job born running", without: "Z3", breaks: "I4", faults: { crashes: 1 } },
  { ...stale, name: "Z4 terminal before the Job is dead", without: "Z4_EARLY", breaks: "I3", faults: { cancels: 1 } },
  { ...stale, name: "Z4 Job deleted in the background, pods not looked at", without: "Z4_PODS", breaks: "I3", faults: { cancels: 1 } },
  { ...stale, name: "Z4 pods of a Job that somebody deleted not looked at", without: "Z4_PODS", breaks: "I3", faults: { jobDeletions: 1 } },
  { ...stale, name: "Z5 gate without ref.uid", without: "Z5_NAME", breaks: "I5", faults: { crashes: 1, wfeDeletions: 1 } },
  { ...stale, name: "Z5 gate without ref.uid", without: "Z5_NAME", breaks: "I4", faults: { crashes: 1, wfeDeletions: 1 } },
  { ...fresh, name: "Z5 owner's uid not looked at", without: "Z5_OWNER", breaks: "I4", faults: { crashes: 1, removals: 1, recreations: 1 } },
  { ...fresh, name: "Z6 gate waits for a Blocked owner", without: "Z6", breaks: "L1", doubled: 1, faults: {} },
  { ...round, name: "Z7 own fenced one adopted", without: "Z7", breaks: "L1", faults: {} },
  { ...stale, name: "Z8 no finalizer", without: "Z8", breaks: "I3", faults: { cancels: 1, removals: 1 } },
  { ...stale, name: "Z9 resumed by name, without uid", without: "Z9", breaks: "I3", faults: { cancels: 1, crashes: 1 } },
  { ...stale, name: "Z10 step 4 without resourceVersion", without: "Z10_NAME", breaks: "I5", doubled: 1, faults: { crashes: 1 } },
  { ...stale, name: "Z10 step 7 without resourceVersion", without: "Z10_RUN", breaks: "I5", faults: {} },
  { ...stale, name: "Z11 view older than w", without: "Z11", breaks: "I1", faults: {} },
  { ...fresh, name: "Z12 lost WorkflowExecution not handled", without: "Z12", breaks: "L1", faults: { wfeDeletions: 1 } },
  { ...fresh, name: "Z15 own WorkflowExecution that is there taken for somebody else's", without: "Z15_EXECUTION", breaks: "L1", faults: { crashes: 1 } },
  { ...fresh, name: "Z15 own Job that is there taken for somebody else's", without: "Z15_JOB", breaks: "L1", faults: { crashes: 1 } },
  { ...stale, name: "Z22 a WorkflowExecution that the cache does not show taken for lost", without: "Z22", breaks: "I5", faults: {} },
  { ...round, name: "Z23 one's own WorkflowExecution keeps the target busy", without: "Z23", breaks: "L1", doubled: 1, faults: {} },
  { ...stale, name: "Z26 Blocked and back without resourceVersion", without: "Z26", breaks: "I5", doubled: 1, faults: {} },
  { ...fresh, name: "Z28 a suspended Job that is left after the end is not looked at", without: "Z28", breaks: "L1", faults: { cancels: 1, crashes: 1 } },
  { ...stale, name: "Z74 a fenced one deleted that its owner has not given up", without: "Z74", breaks: "L1", doubled: 1, faults: {} },
  { ...round, name: "no Lease, two threads on each request for ever at once", breaks: "L1", doubled: 2, faults: {} },
];
