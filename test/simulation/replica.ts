import { loadConfig, type Config } from "../../src/config.ts";
import { createKubeClient } from "../../src/kube/client.ts";
import type { LogFields, LogLevel } from "../../src/lib/log.ts";
import { createInstruments } from "../../src/metrics/instruments.ts";
import { defaultSettings } from "../../src/remediation/settings.ts";
import { startReplica } from "../../src/replica.ts";
import { chanceOf, hashOf, seeded } from "./chance.ts";
import { SimNetwork, type NetworkDeps } from "./network.ts";
import { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";
import { listeningLogger } from "./work-at-hand.ts";
import { NAMESPACE } from "./workload.ts";

/** Nobody reads them here, and making them anew for every process would cost more than a remediation. */
const instruments = createInstruments();
/** How long each phase may take, where the plan says nothing else. */
export const PATIENCE_MS = 5 * 3_600_000;
/** How long a process that has something to do waits for the processor at most. */
const SCHEDULING_MS = 0.2;

export interface SimReplicaDeps {
  readonly seed: number;
  readonly name: string;
  readonly timeline: Timeline;
  /** How long an execution may take. Milliseconds. */
  readonly executingMs: number;
  readonly network: Omit<NetworkDeps, "timeline" | "process">;
  readonly log: (process: string, level: LogLevel, message: string, fields: LogFields) => void;
  /** An error that nobody caught. */
  readonly crashed: (error: unknown) => void;
  /** Told of every look at a key before it; what it throws, the look throws. */
  readonly looks: (what: string) => void;
}

/** One replica of the orchestrator, the very code that `ro run` runs, as a process that can be stopped, killed and started again. */
export class SimReplica {
  readonly name: string;
  readonly #deps: SimReplicaDeps;
  #process: SimProcess;
  #network: SimNetwork;
  #starts = 0;

  constructor(deps: SimReplicaDeps) {
    this.#deps = deps;
    this.name = deps.name;
    [this.#process, this.#network] = this.#start();
  }

  get process(): SimProcess {
    return this.#process;
  }

  get network(): SimNetwork {
    return this.#network;
  }

  kill(): void {
    this.#process.kill();
    void this.#network.close();
  }

  /** A new process under the same name, with empty caches. */
  restart(): void {
    if (this.#process.life !== "dead") return;
    [this.#process, this.#network] = this.#start();
  }

  #start(): [SimProcess, SimNetwork] {
    const { name, timeline, crashed, looks } = this.#deps;
    const random = seeded(hashOf(this.#deps.seed, name, this.#starts++));
    const chance = chanceOf(random);
    const process = new SimProcess(name, timeline, () => chance.between(0, SCHEDULING_MS));
    const network = new SimNetwork({ ...this.#deps.network, timeline, process });
    const log = listeningLogger((level, message, fields) => this.#deps.log(name, level, message, fields));
    const client = createKubeClient({ transport: network, clock: process.clock });
    const inHand = {
      during<T>(what: string, work: () => Promise<T>): Promise<T> {
        looks(what);
        return work();
      },
    };
    // It ends with its process, which may be in the middle of it.
    startReplica(configOf(name, this.#deps.executingMs), { client, clock: process.clock, random, log, instruments, inHand }).catch(crashed);
    return [process, network];
  }
}

/** Limits so long that no trouble of minutes ends a remediation: what is stuck then shows. A target that stays sick is given up soon: that is no trouble. */
function configOf(identity: string, executing: number): Config {
  const timeoutsMs = { processing: PATIENCE_MS, analyzing: PATIENCE_MS, executing, verifying: PATIENCE_MS };
  return { ...loadConfig({ namespace: NAMESPACE, httpPort: "0" }, {}, () => identity), verificationPatienceMs: 10_000, remediation: { ...defaultSettings, timeoutsMs } };
}
