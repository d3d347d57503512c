import type { Config } from "./config.ts";
import { operationsHandler } from "./http/operations.ts";
import { serve } from "./http/serve.ts";
import { unlessAborted } from "./lib/unless-aborted.ts";
import { createInstruments } from "./metrics/instruments.ts";
import { startReplica, type ReplicaDeps } from "./replica.ts";
import { checkStartup } from "./startup-checks.ts";

export { StartupError } from "./startup-checks.ts";

export type AppDeps = ReplicaDeps;

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
  let problem: string | undefined = "the caches are being filled";
  const http = await serve(operationsHandler({ registry: instruments.registry, readiness: [{ name: "replica", problem: () => problem }] }), config.httpPort);
  const replica = await startReplica(config, { ...deps, instruments }, signal ? { signal } : {}).catch(async (error: unknown) => {
    await http.close();
    throw error;
  });
  problem = undefined;
  log.info("replica at work", { identity: config.identity, namespace: config.namespace, workers: config.workers, http: http.url });

  const stop = async (): Promise<void> => {
    problem = "it is stopping";
    await replica.stop();
    await http.close();
  };
  let stopped: Promise<void> | undefined;
  const app: App = { httpUrl: http.url, stop: () => (stopped ??= stop()), [Symbol.asyncDispose]: () => app.stop() };
  return app;
}
