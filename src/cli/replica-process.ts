import { startApp, type App } from "../app.ts";
import type { Config, Environment } from "../config.ts";
import { connect, type Connection } from "../kube/connect.ts";
import { systemClock, type Clock } from "../lib/clock.ts";
import { InHand } from "../lib/in-hand.ts";
import { jsonLogger, type Logger } from "../lib/log.ts";
import { createInstruments, type Instruments } from "../metrics/instruments.ts";
import { EXIT } from "./exit-code.ts";
import type { Interruption } from "./interruption.ts";
import { packageVersion } from "./package-files.ts";
import { startTrouble } from "./start-trouble.ts";

/** How long everything may take from the first signal on: below the 10 s that are promised. */
const STOP_WITHIN_MS = 9000;

/** A replica as a process. */
export interface ReplicaProcess {
  /** Starts it and resolves when it has stopped as told; throws UsageError when it can not start. */
  run(interruption: Interruption, atWork?: (app: App) => void): Promise<void>;
  /** Ends the process at once, with one line that says what was in hand. */
  force(why: string): never;
}

/** The replica that `config` describes, not yet started. */
export function replicaProcess(config: Config, env: Environment): ReplicaProcess {
  const log = jsonLogger(config.logLevel).with({ replica: config.identity });
  const inHand = new InHand();
  const force = (why: string): never => {
    log.error("stopped by force", { why, inHand: inHand.names });
    return process.exit(EXIT.failed);
  };
  return {
    force,
    async run(interruption, atWork) {
      using limit = limitFrom(interruption.signal, systemClock, { begin: () => log.info("stopping"), over: () => force(`it took longer than ${STOP_WITHIN_MS / 1000} s`) });
      await live({ config, env, log, inHand, interruption, atWork });
      if (limit.begun) log.info("stopped");
    },
  };
}

interface Life {
  readonly config: Config;
  readonly env: Environment;
  readonly log: Logger;
  readonly inHand: InHand;
  readonly interruption: Interruption;
  readonly atWork: ((app: App) => void) | undefined;
}

async function live({ config, env, log, inHand, interruption, atWork }: Life): Promise<void> {
  const instruments = createInstruments({ processMetrics: true });
  const connection = await connectAs(config, env, instruments);
  try {
    const app = await startApp(config, { client: connection.client, clock: systemClock, random: Math.random, log, instruments, inHand }, interruption).catch((error: unknown) => {
      // Told to end before it was at work: nothing was begun.
      if (error === interruption.signal.reason) return undefined;
      throw startTrouble(error, connection.server);
    });
    if (app) {
      atWork?.(app);
      await interruption.told;
      await app.stop();
    }
  } finally {
    await inHand.during("connections", () => connection.close());
  }
}

function connectAs({ kubeconfig }: Config, env: Environment, instruments: Instruments): Promise<Connection> {
  return connect({
    kubeconfig,
    env,
    clock: systemClock,
    userAgent: `remediation-orchestrator/${packageVersion()}`,
    onRequest: ({ verb, kind, status, durationMs }) => {
      instruments.apiRequests.inc({ verb, kind, status });
      instruments.apiRequestSeconds.observe({ verb }, durationMs / 1000);
    },
  });
}

/** Runs from the abort of `signal` until it is disposed: one limit for whatever is done meanwhile. */
function limitFrom(signal: AbortSignal, clock: Clock, { begin, over }: { readonly begin: () => void; readonly over: () => void }): Disposable & { readonly begun: boolean } {
  let cancel: (() => void) | undefined;
  const onAbort = (): void => {
    begin();
    const timer = clock.timer(STOP_WITHIN_MS, over);
    cancel = () => timer.cancel();
  };
  if (signal.aborted) onAbort();
  else signal.addEventListener("abort", onAbort, { once: true });
  return {
    get begun() {
      return cancel !== undefined;
    },
    [Symbol.dispose]() {
      signal.removeEventListener("abort", onAbort);
      cancel?.();
    },
  };
}
