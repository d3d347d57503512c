import type { Config } from "./config.ts";
import { operationsHandler } from "./http/operations.ts";
import { serve } from "./http/serve.ts";
import { abortScope } from "./lib/abort-scope.ts";
import { tellRefusals } from "./kube/refusals.ts";
import { unlessAborted } from "./lib/unless-aborted.ts";
import { createInstruments, type Instruments } from "./metrics/instruments.ts";
import { startReplica, type ReplicaDeps } from "./replica.ts";
import { RightsWatch } from "./rights-watch.ts";
import { checkStartup } from "./startup-checks.ts";

export { StartupError } from "./startup-checks.ts";

export type AppDeps = Omit<ReplicaDeps, "rights">;

/** One replica at work, and what people and probes ask it. */
export interface App extends AsyncDisposable {
  /** Where `/healthz`, `/readyz` and `/metrics` are. */
  readonly httpUrl: string;
  /** Stops taking work, finishes what is in hand, gives back what it holds. Twice is harmless. */
  stop(): Promise<void>;
}

/**
 * Starts one replica. Resolves when its caches are there and it works; throws StartupError when the cluster is not ready for
 * it, and the signal's reason when that aborts first: then nothing of it is left. A later abort does nothing.
 */
export async function startApp(config: Config, deps: AppDeps, { signal }: { readonly signal?: AbortSignal } = {}): Promise<App> {
  const { client, log, instruments = createInstruments() } = deps;
  await unlessAborted(checkStartup(config, client), signal);
  const rights = watchOver(config, deps, instruments);
  let problem: string | undefined = "the caches are being filled";
  const readiness = [
    { name: "replica", problem: () => problem },
    { name: "rights", problem: () => rights.missing(), notice: () => rights.missingForTargets() },
  ];
  const http = await serve(operationsHandler({ registry: instruments.registry, readiness }), config.httpPort);
  const life = abortScope();
  const watching = rights.run(life.signal);
  const end = async (): Promise<void> => {
    life.abort();
    await watching;
    await http.close();
  };
  const replicaDeps = { ...deps, client: tellRefusals(client, (refusal) => rights.refused(refusal)), instruments, rights };
  const replica = await startReplica(config, replicaDeps, signal ? { signal } : {}).catch(async (error: unknown) => {
    await end();
    throw error;
  });
  problem = undefined;
  log.info("replica at work", { identity: config.identity, namespace: config.namespace, workers: config.workers, http: http.url });

  const stop = async (): Promise<void> => {
    problem = "it is stopping";
    await replica.stop();
    await end();
  };
  let stopped: Promise<void> | undefined;
  const app: App = { httpUrl: http.url, stop: () => (stopped ??= stop()), [Symbol.asyncDispose]: () => app.stop() };
  return app;
}

function watchOver({ namespace, workers }: Config, { client, clock, random, log }: AppDeps, { rightsMissing }: Instruments): RightsWatch {
  const count = ({ needed, targets }: { readonly needed: number; readonly targets: number }): void => {
    rightsMissing.set({ scope: "needed" }, needed);
    rightsMissing.set({ scope: "targets" }, targets);
  };
  return new RightsWatch({ client, namespace, workers, clock, random, log, count });
}
