import type { ObjectChange } from "../../src/apiserver/server.ts";
import { finalConditionOf, type Job } from "../../src/api/job.ts";
import type { Lease } from "../../src/api/lease.ts";
import { workflowExecutionName } from "../../src/api/child-names.ts";
import type { KubeObject } from "../../src/api/object.ts";
import { controllerOf } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationPhase, RemediationRequest } from "../../src/api/remediation-request.ts";
import { lockKey } from "../../src/api/target.ts";
import { isFenced, isTerminalExecution, phaseOfExecution, type WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { LedgerEntry } from "../../src/apiserver/node/ledger.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Touched } from "./touched.ts";

/** The promises of `docs/protocol.md`, and `status`: that nobody is told what is not so. */
export type Invariant = "I1" | "I2" | "I3" | "I4" | "I5" | "E" | "L1" | "status" | "crash";

/** A promise that was broken, and by what. */
export interface Violation {
  readonly invariant: Invariant;
  readonly what: string;
}

export interface JudgeDeps {
  /** The cluster after each write. */
  readonly view: ClusterView;
  /** Every write that was ever made is handed to `onChange`; the first promise that it breaks is told here. */
  readonly broken: (violation: Violation) => void;
  /** Where somebody had his hands in, some promises hold no longer: there, and from then on. */
  readonly touched: Pick<Touched, "target" | "remediation" | "clocks">;
  /** Whether nothing goes wrong, and nothing is late: then no execution is made in vain. On a bad day one may be that its own remediation wants no more. */
  readonly goodDay: boolean;
}

/** Moves that a RemediationRequest may make, as the domain rules have them: kept here a second time, so that the judge shares no bug with the product. */
const MOVES: Readonly<Record<RemediationPhase | "", readonly RemediationPhase[]>> = {
  "": ["Pending", "Processing", "Blocked", "Analyzing", "Cancelled"],
  Pending: ["Processing", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Processing: ["Analyzing", "Failed", "TimedOut", "Cancelled"],
  Analyzing: ["AwaitingApproval", "Executing", "Blocked", "Completed", "Failed", "TimedOut", "Cancelled"],
  AwaitingApproval: ["Executing", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Executing: ["Verifying", "Blocked", "Failed", "TimedOut", "Cancelled"],
  Verifying: ["Completed", "Cancelled"],
  Blocked: ["Pending", "Analyzing", "AwaitingApproval", "Completed", "Failed", "TimedOut", "Cancelled"],
  Completed: [],
  Failed: [],
  TimedOut: [],
  Skipped: [],
  Cancelled: [],
};

/** Far more than any course of one remediation needs. */
const MOST_WRITES = 100;

/** Holds every write and every run against the promises, in the very order in which they happened. */
export class Judge {
  readonly #deps: JudgeDeps;
  /** By uid of the RemediationRequest: Jobs resumed for it. */
  readonly #resumed = new Map<string, number>();
  /** Executions by uid, gone ones too: whose Job it was is asked after they are gone. */
  readonly #everyExecution = new Map<string, WorkflowExecution>();
  /** By uid of a Job, gone ones too: how it ended. */
  readonly #ends = new Map<string, string>();
  /** By uid of a RemediationRequest: how often it was written. */
  readonly #writes = new Map<string, number>();
  #fenced = 0;

  constructor(deps: JudgeDeps) {
    this.#deps = deps;
  }

  get #view(): ClusterView {
    return this.#deps.view;
  }

  /** Executions that were fenced so far. */
  get fenced(): number {
    return this.#fenced;
  }

  onChange({ type, object, previous }: ObjectChange): void {
    // The store hands out what it keeps; each kind has its own type.
    const after = type === "DELETED" ? undefined : (object as unknown as KubeObject);
    const before = previous as unknown as KubeObject | undefined;
    const { kind } = (after ?? before) as KubeObject;
    if (kind === "RemediationRequest") this.#onRequest(after as RemediationRequest | undefined, before as RemediationRequest | undefined);
    else if (kind === "WorkflowExecution") this.#onExecution(after as WorkflowExecution | undefined, before as WorkflowExecution | undefined);
    else if (kind === "Lease" && !after) this.#onLeaseGone(before as Lease);
    else if (kind === "Job") this.#onJob(after as Job | undefined, before as Job | undefined);
  }

  /** What really ran: never two at once on one target. */
  onRuns(ledger: readonly LedgerEntry[]): void {
    const running = new Map<string, LedgerEntry>();
    for (const run of ledger) {
      if (run.endedMs !== undefined) continue;
      const target = `${run.env["RO_CLUSTER_ID"] ?? ""}|${run.env["RO_TARGET"] ?? ""}`;
      const other = running.get(target);
      if (other) this.#break("I2", `${other.podName} and ${run.podName} run at once on ${target}`);
      running.set(target, run);
      this.#checkRun(run);
    }
  }

  /** I3, of what really runs: a Job may be gone, or finished in name, while its pod goes on. */
  #checkRun({ podName, env }: LedgerEntry): void {
    const owner = env["RO_RUN_ID"];
    for (const execution of this.#view.executions.values()) if (controllerOf(execution)?.uid === owner && phaseOfExecution(execution) === "Running") return;
    this.#break("I3", `${podName} still runs although no execution of its remediation is Running`);
  }

  #onRequest(after: RemediationRequest | undefined, before: RemediationRequest | undefined): void {
    const key = nameOf(after ?? before);
    if (after) this.#onWritten(after);
    if (after && before) this.#onMove(after, before);
    for (const execution of this.#view.executions.values()) if (controllerOf(execution)?.name === key) this.#checkStatus(execution);
  }

  /** A remediation that is written over and over goes round in a circle. */
  #onWritten({ metadata }: RemediationRequest): void {
    const writes = (this.#writes.get(metadata.uid) ?? 0) + 1;
    this.#writes.set(metadata.uid, writes);
    if (writes > MOST_WRITES) this.#break("L1", `${metadata.name} was written ${writes} times`);
  }

  #onMove(after: RemediationRequest, before: RemediationRequest): void {
    const from = before.status?.overallPhase ?? "";
    const to = after.status?.overallPhase ?? "";
    if (from === to) return;
    const name = after.metadata.name;
    if (to === "" || !MOVES[from].includes(to)) this.#break("I5", `${name} went from ${from} to ${to}`);
    const named = before.status?.phaseProgress?.workflowExecutionRef;
    const execution = this.#everyExecution.get(named?.uid ?? "");
    if (from === "Executing" && to === "Verifying" && execution?.status?.phase !== "Completed") this.#break("status", `${name} is Verifying, but ${named?.name} is ${execution?.status?.phase ?? "gone"}`);
    if (from === "Executing" && to === "Failed" && execution && !isTerminalExecution(execution) && this.#view.executions.get(execution.metadata.name)?.metadata.uid === execution.metadata.uid) this.#break("I5", `${name} is Failed while ${named?.name} is ${phaseOfExecution(execution)}`);
    const ran = after.status?.phaseProgress?.workflowExecutionRef;
    // Cancelled is written by another orchestrator.
    if (ran && isTerminalPhase(to) && to !== "Cancelled" && from !== "Executing" && from !== "Verifying") this.#break("status", `${name} is ${to} and names ${ran.name}, which it had given up`);
    if (to === "Failed" && !this.#mayFail(before, execution)) this.#break("L1", `${name} is Failed although its own workflow did not fail: ${after.status?.message ?? ""}`);
  }

  #mayFail(before: RemediationRequest, execution: WorkflowExecution | undefined): boolean {
    return this.#deps.touched.remediation(before.metadata.uid) || before.status?.overallPhase === "Analyzing" || (before.status?.overallPhase === "Executing" && execution?.status?.phase === "Failed" && !isFenced(execution));
  }

  #onExecution(after: WorkflowExecution | undefined, before: WorkflowExecution | undefined): void {
    const key = nameOf(after ?? before);
    if (!after) {
      if (before && phaseOfExecution(before) === "Running") this.#break("I3", `${key} is gone while it is Running`);
      return;
    }
    this.#everyExecution.set(after.metadata.uid, after);
    if (before && before.metadata.uid === after.metadata.uid) this.#onExecutionMove(after, before);
    else this.#checkOrder(after);
    this.#checkTarget(after);
    this.#checkStatus(after);
    for (const job of this.#view.jobs.values()) if (controllerOf(job)?.uid === after.metadata.uid) this.#checkJob(job);
  }

  #onExecutionMove(after: WorkflowExecution, before: WorkflowExecution): void {
    if (isFenced(after) && !isFenced(before)) {
      this.#fenced++;
      if (phaseOfExecution(before) !== "Pending") this.#break("I1", `${after.metadata.name} was fenced although it was ${phaseOfExecution(before)}`);
      if (this.#expectsOrder(targetOf(after)) && (this.#deps.goodDay || after.status?.deduplicatedBy !== undefined)) this.#break("E", `${after.metadata.name} was fenced: ${after.status?.failureDetails?.message ?? ""}`);
    }
    if (phaseOfExecution(before) === "Running" && isTerminalExecution(after)) this.#checkEnd(after);
    if (isTerminalExecution(before) && phaseOfExecution(before) !== phaseOfExecution(after)) this.#break("I1", `${after.metadata.name} went from ${phaseOfExecution(before)} to ${phaseOfExecution(after)}`);
  }

  /** Status: an execution ends as its Job did, unless somebody had a reason to stop it. */
  #checkEnd(execution: WorkflowExecution): void {
    if (this.#deps.touched.remediation(controllerOf(execution)?.uid ?? "")) return;
    const { phase, executionRef, failureDetails } = execution.status ?? {};
    const end = this.#ends.get(executionRef?.uid ?? "");
    const isGone = this.#view.jobs.get(executionRef?.name ?? "")?.metadata.uid !== executionRef?.uid;
    // A replica whose clock is hours ahead stops what is not overdue for the others, who find the Job gone.
    if (phase === "Failed" && isGone && this.#deps.touched.clocks) return;
    if (phase === "Completed" ? end === "Complete" : end === "Failed" || failureDetails?.reason === "DeadlineExceeded" || this.#view.isBeingStopped(`/${execution.metadata.name}`)) return;
    this.#break("status", `${execution.metadata.name} is ${phase} while its Job ${end ? `ended ${end}` : "has not ended"}: ${failureDetails?.message ?? ""}`);
  }

  /** Whether E holds on a target: nobody has taken a Lease of it away, nor the object that holds it. */
  #expectsOrder(target: string): boolean {
    return !this.#deps.touched.target(target);
  }

  /** E: while Leases are healthy, nobody creates a second one. */
  #checkOrder(born: WorkflowExecution): void {
    if (!this.#expectsOrder(targetOf(born))) return;
    for (const other of this.#view.executions.values()) {
      if (other.metadata.uid !== born.metadata.uid && !isTerminalExecution(other) && targetOf(other) === targetOf(born)) this.#break("E", `${born.metadata.name} was created while ${other.metadata.name} is ${phaseOfExecution(other)} on ${targetOf(born)}`);
    }
  }

  /** E: while Leases are healthy, a claim outlives what it is for. */
  #onLeaseGone({ metadata, spec }: Lease): void {
    const [form, , name = "", uid] = spec?.holderIdentity?.split("/") ?? [];
    const execution = this.#view.executions.get(workflowExecutionName(name));
    if (form !== "rr" || !execution || !this.#expectsOrder(targetOf(execution)) || controllerOf(execution)?.uid !== uid || isTerminalExecution(execution)) return;
    this.#break("E", `${metadata.name} was given back while ${execution.metadata.name}, for which it stands, is ${phaseOfExecution(execution)}`);
  }

  #checkTarget(execution: WorkflowExecution): void {
    if (phaseOfExecution(execution) !== "Running") return;
    for (const other of this.#view.executions.values()) {
      if (other.metadata.uid !== execution.metadata.uid && phaseOfExecution(other) === "Running" && targetOf(other) === targetOf(execution)) this.#break("I1", `${other.metadata.name} and ${execution.metadata.name} are Running on ${targetOf(execution)}`);
    }
  }

  /** I5. */
  #checkStatus(execution: WorkflowExecution): void {
    if (phaseOfExecution(execution) !== "Running") return;
    const owner = controllerOf(execution);
    const rr = owner && this.#view.requests.get(owner.name);
    if (!rr || rr.metadata.uid !== owner.uid || isTerminalPhase(rr.status?.overallPhase)) return;
    const named = rr.status?.phaseProgress?.workflowExecutionRef?.uid;
    if (rr.status?.overallPhase !== "Executing" || named !== execution.metadata.uid) this.#break("I5", `${execution.metadata.name} is Running while ${rr.metadata.name} is ${rr.status?.overallPhase ?? "new"} and names ${named ?? "nothing"}`);
  }

  #onJob(after: Job | undefined, before: Job | undefined): void {
    if (!after) return;
    const end = finalConditionOf(after)?.type;
    if (end) this.#ends.set(after.metadata.uid, end);
    if (isActive(after) && (!before || !isActive(before))) this.#onResumed(after);
    this.#checkJob(after);
  }

  #onResumed(job: Job): void {
    const execution = this.#everyExecution.get(controllerOf(job)?.uid ?? "");
    const rr = execution && controllerOf(execution)?.uid;
    if (!execution || rr === undefined) return this.#break("I3", `${job.metadata.name} runs for nobody`);
    const times = (this.#resumed.get(rr) ?? 0) + 1;
    this.#resumed.set(rr, times);
    if (times > 1) this.#break("I4", `${controllerOf(execution)?.name} resumes a Job for the ${times}. time: ${job.metadata.name}`);
    for (const other of this.#view.jobs.values()) {
      const others = this.#everyExecution.get(controllerOf(other)?.uid ?? "");
      if (other.metadata.uid !== job.metadata.uid && isActive(other) && others && targetOf(others) === targetOf(execution)) this.#break("I2", `${other.metadata.name} and ${job.metadata.name} are not suspended on ${targetOf(execution)}`);
    }
  }

  /** I3. */
  #checkJob(job: Job): void {
    if (!isActive(job)) return;
    const execution = this.#everyExecution.get(controllerOf(job)?.uid ?? "");
    const current = execution && this.#view.executions.get(execution.metadata.name);
    const runs = current?.metadata.uid === execution?.metadata.uid && current?.status?.phase === "Running" && current.status.executionRef?.uid === job.metadata.uid;
    if (!runs) this.#break("I3", `${job.metadata.name} is not suspended while ${execution?.metadata.name ?? "its execution"} is ${current ? phaseOfExecution(current) : "gone"}`);
  }

  #break(invariant: Invariant, what: string): void {
    this.#deps.broken({ invariant, what });
  }
}

function nameOf(object: KubeObject | undefined): string {
  return object?.metadata.name ?? "";
}

function targetOf({ spec }: WorkflowExecution): string {
  return lockKey(spec.clusterID, spec.targetResource);
}

/** Neither suspended nor finished. */
function isActive(job: Job): boolean {
  return job.spec.suspend !== true && finalConditionOf(job) === undefined;
}
