import { controllerOf } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { targetString } from "../../src/api/target.ts";
import type { WorkflowExecution } from "../../src/api/workflow-execution.ts";
import type { Change } from "./follow.ts";
import type { Watched } from "./invariants.ts";

/**
 * RemediationRequests, by uid, whose launch was contended: in the very state in which their WorkflowExecution was created another
 * request for the same target was there, had not ended, and was not Verifying either, where it wants the target no more. Goes by the
 * API server's own order, whatever order several streams told it in. One whose execution gave way and was created again counts
 * once. Pure.
 */
export function contendedLaunches(changes: readonly Change<Watched>[]): ReadonlySet<string> {
  const replay = new Replay();
  for (const change of changes.toSorted((a, b) => a.version - b.version)) replay.apply(change);
  return replay.contended;
}

class Replay {
  readonly contended = new Set<string>();
  /** Requests that are there and may want the target yet, or still have it, by target. */
  readonly #open = new Map<string, Set<string>>();
  readonly #seen = new Set<string>();

  apply({ type, object }: Change<Watched>): void {
    // The kind says what else is in it.
    if (object.kind === "RemediationRequest") this.#request(object as RemediationRequest, type === "DELETED");
    if (object.kind === "WorkflowExecution" && type !== "DELETED") this.#execution(object as WorkflowExecution);
  }

  #request({ metadata: { uid }, spec, status }: RemediationRequest, gone: boolean): void {
    const open = this.#openOn(targetString(spec.targetResource));
    const phase = status?.overallPhase;
    if (gone || phase === "Verifying" || isTerminalPhase(phase)) open.delete(uid);
    else open.add(uid);
  }

  #execution(execution: WorkflowExecution): void {
    const { uid } = execution.metadata;
    if (this.#seen.has(uid)) return;
    this.#seen.add(uid);
    const owner = controllerOf(execution)?.uid ?? "";
    const others = [...this.#openOn(execution.spec.targetResource)].some((request) => request !== owner);
    if (others) this.contended.add(owner);
  }

  #openOn(target: string): Set<string> {
    const open = this.#open.get(target) ?? new Set<string>();
    this.#open.set(target, open);
    return open;
  }
}
