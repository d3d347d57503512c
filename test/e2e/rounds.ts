import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/api/kinds.ts";
import type { Draft } from "../../src/api/object.ts";
import { isTerminalPhase } from "../../src/api/phase.ts";
import type { RemediationRequest } from "../../src/api/remediation-request.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import { illness, NAMESPACE, TARGETS } from "./cluster-setup.ts";
import type { World } from "./world.ts";

/** What was launched, by the name of the RemediationRequest; the value is its target's name. */
export type Launched = ReadonlyMap<string, string>;

export interface RoundsOptions {
  /** Begins every name, as far as names may. */
  readonly story: string;
  readonly targets: readonly string[];
  /** RemediationRequests at once on a target, each with an illness of its own. */
  readonly together: number;
  /** Whether one more round is to be launched on a target, given how many launches there were. */
  readonly more: (launched: number) => boolean;
  /** All illnesses of a round are one: a single workflow cures them all. */
  readonly sameIllness?: boolean;
}

/** What a server says, or does not say, that is away for a while. */
const AWAY = ["Unreachable", "UnknownOutcome", "ServerError", "TooManyRequests"] as const;
const AGAIN_AFTER_MS = 100;
/** Longer than every timer by which the product looks again at what waits. */
const PATIENCE_MS = 90_000;
/** What moves for longer than this and does not end goes in circles. */
const ROUND_WITHIN_MS = 15 * 60_000;
const LOOK_MS = 1000;

/** Contended launches: on every target a round of requests at once, and the next when all of them have ended. */
export class Rounds {
  readonly #world: World;
  readonly #options: RoundsOptions;
  readonly #launched = new Map<string, string>();

  constructor(world: World, options: RoundsOptions) {
    this.#world = world;
    this.#options = options;
  }

  get launched(): Launched {
    return this.#launched;
  }

  /** Targets on which a request has not ended, as the executions name them. */
  busyTargets(): readonly string[] {
    const busy = [...this.#launched].filter(([name]) => !this.#hasEnded(name)).map(([, target]) => `${TARGETS}/Deployment/${target}`);
    return [...new Set(busy)];
  }

  /** Resolves when no more rounds are wanted and all have ended or were given up. */
  async run(): Promise<void> {
    await Promise.all(this.#options.targets.map((target) => this.#onTarget(target)));
  }

  async #onTarget(target: string): Promise<void> {
    while (this.#options.more(this.#launched.size)) {
      const names = Array.from({ length: this.#options.together }, () => this.#nameFor(target));
      await Promise.all(names.map((name, at) => this.#create(alert(name, target, this.#options.sameIllness ? 0 : at))));
      if (!(await this.#allEnded(names))) return;
    }
  }

  #nameFor(target: string): string {
    const name = `${nameLike(this.#options.story)}-${this.#launched.size}`;
    this.#launched.set(name, target);
    return name;
  }

  async #create(draft: Draft<RemediationRequest>): Promise<void> {
    for (;;) {
      try {
        await this.#world.client.create(kinds.RemediationRequest, draft);
        return;
      } catch (error) {
        if (isKubeError(error, "AlreadyExists")) return;
        if (!isKubeError(error, ...AWAY)) throw error;
        await sleep(AGAIN_AFTER_MS);
      }
    }
  }

  #hasEnded(name: string): boolean {
    return isTerminalPhase(this.#world.record.request(name)?.status?.overallPhase);
  }

  /** False when nothing at all has moved for longer than we have patience: however slow the machine, what moves is not lost. */
  #allEnded(names: readonly string[]): Promise<boolean> {
    const { record } = this.#world;
    return new Promise((resolve) => {
      const settle = (ended: boolean): void => {
        clearInterval(timer);
        stop();
        resolve(ended);
      };
      const look = (): void => {
        if (names.every((name) => this.#hasEnded(name))) settle(true);
      };
      const startedMs = performance.now();
      const timer = setInterval(() => {
        const nowMs = performance.now();
        if (nowMs - Math.max(startedMs, record.movedMs) > PATIENCE_MS || nowMs - startedMs > ROUND_WITHIN_MS) settle(false);
      }, LOOK_MS);
      const stop = record.onChange(look);
      look();
    });
  }
}

/** Words as they may stand in an object's name. */
export function nameLike(words: string): string {
  return words.toLowerCase().match(/[a-z0-9]+/g)?.join("-") ?? "";
}

function alert(name: string, target: string, illnessAt: number): Draft<RemediationRequest> {
  const at = new Date().toISOString();
  return {
    apiVersion: "kubernaut.ai/v1alpha1",
    kind: "RemediationRequest",
    metadata: { name, namespace: NAMESPACE },
    spec: {
      signalFingerprint: randomBytes(32).toString("hex"),
      signalName: illness(illnessAt),
      severity: "critical",
      signalType: "alert",
      targetType: "kubernetes",
      targetResource: { apiVersion: "apps/v1", kind: "Deployment", name: target, namespace: TARGETS },
      firingTime: at,
      receivedTime: at,
    },
  };
}
