import { controllerOf } from "../../api/object.ts";
import type { Pod } from "../../api/pod.ts";
import { assertNever } from "../../lib/assert-never.ts";
import { backoffDelayMs } from "../../lib/backoff.ts";
import type { Clock, Timer } from "../../lib/clock.ts";
import { containerSpecOf } from "./container-spec.ts";
import type { ContainerExit, ContainerRunner, RunningContainer } from "./container.ts";
import type { Ledger } from "./ledger.ts";
import type { ContainerView, EndedRun } from "./pod-status.ts";

/** Least time that a container has to end, even for a pod that was deleted with no grace at all, as in a kubelet. */
const MIN_GRACE_MS = 1000;
const RESTART = { baseMs: 10_000, maxMs: 300_000, factor: 2, jitter: 0 };
const NEVER_RAN: ContainerExit = { exitCode: 137, reason: "ContainerStatusUnknown", message: "The container could not be located when the pod was terminated" };

export interface PodRunDeps {
  readonly clock: Clock;
  readonly run: ContainerRunner;
  readonly ledger: Ledger;
  /** From being bound to running, in milliseconds. */
  readonly startMs: number;
  line(pod: Pod, text: string): void;
  /** `view` has changed: the pod's status is to be written. */
  changed(pod: Pod): void;
}

type State =
  | { readonly kind: "starting"; readonly timer: Timer; readonly last: EndedRun | undefined }
  | { readonly kind: "running"; readonly container: RunningContainer; readonly startedMs: number; readonly last: EndedRun | undefined; end(endedMs: number, exitCode: number): void }
  | { readonly kind: "ended"; readonly last: EndedRun };

/** One pod on this node from its start to its end; a pod that has ended never runs again. */
export class PodRun {
  readonly #deps: PodRunDeps;
  readonly #pod: Pod;
  #state: State;
  #restarts = 0;
  #stopping = false;

  /** Schedules the start; a pod that says it runs already is one that an earlier node has lost, and ends at once. */
  constructor(deps: PodRunDeps, pod: Pod) {
    this.#deps = deps;
    this.#pod = pod;
    const lost = pod.status?.phase === "Running";
    this.#state = { kind: "starting", timer: deps.clock.timer(deps.startMs, () => (lost ? this.#end(undefined) : this.#start(undefined))), last: undefined };
  }

  /** What the pod's status should say; undefined before the first start. */
  get view(): ContainerView | undefined {
    const state = this.#state;
    const restarts = this.#restarts;
    switch (state.kind) {
      case "starting":
        return state.last && { state: "restarting", restarts, last: state.last };
      case "running":
        return { state: "running", startedMs: state.startedMs, restarts, ...(state.last ? { last: state.last } : {}) };
      case "ended":
        return { state: "ended", restarts, last: state.last };
      default:
        return assertNever(state);
    }
  }

  /** The pod was deleted: what runs is told to stop and has `graceMs`, one second at the least; what has not started never will. */
  stop(graceMs: number): void {
    this.#stopping = true;
    if (this.#state.kind === "running") this.#state.container.stop(Math.max(graceMs, MIN_GRACE_MS));
    else if (this.#state.kind === "starting") this.#end(this.#state.last);
  }

  /** The node goes: ends the container at once and tells nobody but the ledger. */
  async kill(): Promise<void> {
    const state = this.#state;
    if (state.kind === "starting") state.timer.cancel();
    if (state.kind !== "running") return;
    await state.container.kill();
    state.end(this.#deps.clock.now(), 137);
  }

  #start(last: EndedRun | undefined): void {
    const { clock, run, ledger } = this.#deps;
    const spec = containerSpecOf(this.#pod);
    const startedMs = clock.now();
    const owner = controllerOf(this.#pod);
    const job = owner?.kind === "Job" ? owner : undefined;
    const { uid, name, namespace = "default" } = this.#pod.metadata;
    const end = ledger.start({ podUid: uid, podName: name, namespace, jobUid: job?.uid, jobName: job?.name, env: spec.env, startedMs });
    const container = run(spec, { line: (text) => this.#deps.line(this.#pod, text), exit: (exit) => this.#exited(exit) });
    this.#state = { kind: "running", container, startedMs, last, end };
    this.#deps.changed(this.#pod);
  }

  #exited(exit: ContainerExit): void {
    const state = this.#state;
    if (state.kind !== "running") return;
    const endedMs = this.#deps.clock.now();
    state.end(endedMs, exit.exitCode);
    const last = { startedMs: state.startedMs, endedMs, exit };
    if (this.#stopping || !this.#restartsAfter(exit)) return this.#end(last);
    this.#restarts++;
    const waitMs = backoffDelayMs(RESTART, this.#restarts, () => 0);
    this.#state = { kind: "starting", timer: this.#deps.clock.timer(waitMs, () => this.#start(last)), last };
    this.#deps.changed(this.#pod);
  }

  #restartsAfter(exit: ContainerExit): boolean {
    const policy = this.#pod.spec?.restartPolicy ?? "Always";
    return policy === "Always" || (policy === "OnFailure" && exit.exitCode !== 0);
  }

  #end(last: EndedRun | undefined): void {
    if (this.#state.kind === "starting") this.#state.timer.cancel();
    const nowMs = this.#deps.clock.now();
    this.#state = { kind: "ended", last: last ?? { startedMs: nowMs, endedMs: nowMs, exit: NEVER_RAN } };
    this.#deps.changed(this.#pod);
  }
}
