import { compareResourceVersions } from "../api/object.ts";
import type { RemediationRequest } from "../api/remediation-request.ts";
import type { AppliedStep, Observer } from "./observers.ts";
import { isTerminal } from "./phases/transitions.ts";

/**
 * The steps that this replica has written itself. A watch tells of each of them once more, and the look that wrote it has gone on
 * from there already: looking again would read what is known.
 */
export class OwnSteps {
  readonly #versions = new Map<string, string>();

  /** Takes in a step that was written. */
  readonly observe: Observer = ({ after: { metadata, status } }: AppliedStep) => {
    const phase = status?.overallPhase ?? "";
    if (isTerminal(phase)) this.#versions.delete(metadata.uid);
    // Only the watch puts it in line for its target, and whoever was in the way may have gone before that.
    else if (phase !== "Blocked") this.#versions.set(metadata.uid, metadata.resourceVersion);
  };

  /** Whether this state is one that a look here has gone on from. */
  isKnown({ metadata }: RemediationRequest): boolean {
    const written = this.#versions.get(metadata.uid);
    return written !== undefined && compareResourceVersions(metadata.resourceVersion, written) <= 0;
  }

  /** It is gone. */
  forget({ metadata }: RemediationRequest): void {
    this.#versions.delete(metadata.uid);
  }
}
