import { hasRight } from "./access.ts";
import type { WorkerName } from "./config.ts";
import { abortScope } from "./lib/abort-scope.ts";
import { jittered } from "./lib/backoff.ts";
import type { Clock } from "./lib/clock.ts";
import { deferred } from "./lib/deferred.ts";
import type { Logger } from "./lib/log.ts";
import { isKubeError } from "./kube/kube-error.ts";
import type { Writer } from "./kube/ports.ts";
import type { Refusal } from "./kube/refusals.ts";
import { neededRights } from "./needed-rights.ts";
import type { Rights } from "./remediation/rights.ts";
import { allThere, changes, judgeRefusal, placedName, sentence, toAsk, withAnswers, withRefusedTarget, type PlacedRight, type RightsState } from "./rights-state.ts";

export interface RightsWatchDeps {
  readonly client: Pick<Writer, "create">;
  readonly namespace: string;
  readonly workers: readonly WorkerName[];
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Told how many rights are missing whenever that was looked at. */
  readonly count: (missing: { readonly needed: number; readonly targets: number }) => void;
}

/** Between two looks while all is well. */
const CHECK_MS = 60_000;
/** Between two looks while something is missing: how soon a right that is given back is noticed. */
const MISSING_CHECK_MS = 5000;
/** Refusals that come faster share a look. */
const AT_MOST_EVERY_MS = 1000;
const JITTER = 0.1;

/**
 * Knows which rights are missing: by asking the API server now and then, and at once when it refuses something. It says so
 * in one line when that changes, not each time it hurts. What can not be found out stays as it was last known: a refused
 * request has not done anything, whatever is believed here.
 */
export class RightsWatch implements Rights {
  readonly #deps: RightsWatchDeps;
  readonly #needed: readonly PlacedRight[];
  #state: RightsState = allThere;
  /** What the log has said; targets are in it only once the API server has confirmed them. */
  #told: RightsState = allThere;
  #bell = deferred();
  #looked = deferred();

  constructor(deps: RightsWatchDeps) {
    this.#deps = deps;
    this.#needed = neededRights(deps.workers).map((right) => ({ right, namespace: deps.namespace }));
  }

  missing(): string | undefined {
    return sentence(this.#state.missing);
  }

  async confirm(): Promise<string | undefined> {
    if (this.#state.missing.length > 0) return this.missing();
    this.#bell.resolve();
    await this.#looked.promise;
    return this.missing();
  }

  /** Which targets could not be read lately, as a sentence; undefined: none. */
  missingForTargets(): string | undefined {
    return sentence(this.#told.targets);
  }

  /** A request was refused: whether a right is missing is looked at, soon. */
  refused(refusal: Refusal): void {
    const judged = judgeRefusal(this.#state, refusal, this.#needed);
    if (judged === "known") return;
    if (judged === "target") this.#state = withRefusedTarget(this.#state, refusal, this.#deps.clock.monotonic());
    this.#bell.resolve();
  }

  /** Looks at intervals, and when something is refused, until `signal` aborts. Once only. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#rung(signal);
      if (signal.aborted) break;
      this.#bell = deferred();
      await this.#look(signal);
      this.#looked.resolve();
      this.#looked = deferred();
      await pause(this.#deps.clock, AT_MOST_EVERY_MS, signal);
    }
    this.#looked.resolve();
  }

  async #rung(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#deps;
    const something = this.#state.missing.length + this.#state.targets.length > 0;
    using scope = abortScope(signal);
    await Promise.race([this.#bell.promise, pause(clock, jittered(something ? MISSING_CHECK_MS : CHECK_MS, JITTER, random), scope.signal)]);
    scope.abort();
  }

  async #look(signal: AbortSignal): Promise<void> {
    const nowMs = this.#deps.clock.monotonic();
    const answers = new Map<string, boolean>();
    const ask = async (at: PlacedRight): Promise<void> => {
      const answer = await this.#ask(at, signal);
      if (answer !== undefined) answers.set(placedName(at), answer);
    };
    await Promise.all(toAsk(this.#state, this.#needed, nowMs).map(ask));
    this.#state = withAnswers(this.#state, answers, this.#needed, nowMs);
    this.#tell({ ...this.#state, targets: this.#state.targets.filter((at) => answers.has(placedName(at))) });
  }

  async #ask({ right, namespace }: PlacedRight, signal: AbortSignal): Promise<boolean | undefined> {
    try {
      return await hasRight(this.#deps.client, right, namespace, { signal });
    } catch (error) {
      if (!isKubeError(error)) throw error;
      this.#deps.log.debug("a right could not be asked about", { err: error });
      return undefined;
    }
  }

  #tell(now: RightsState): void {
    const { log, count } = this.#deps;
    const needed = changes(this.#told.missing, now.missing);
    const targets = changes(this.#told.targets, now.targets);
    this.#told = now;
    count({ needed: now.missing.length, targets: now.targets.length });
    if (needed.lost.length > 0) log.error("rights are missing, nothing new is started", { missing: needed.lost, apply: "deploy/rbac.yaml" });
    if (needed.regained.length > 0) log.info("rights are there again", { regained: needed.regained, missing: now.missing.map(placedName) });
    if (targets.lost.length > 0) log.error("targets can not be read, their remediations wait", { missing: targets.lost, apply: "deploy/rbac.yaml" });
    if (targets.regained.length > 0) log.info("targets are no longer in the way", { regained: targets.regained });
  }
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return clock.sleep(delayMs, { signal }).catch(() => undefined);
}
