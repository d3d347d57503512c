import type { Config } from "./config.ts";
import { operationsHandler } from "./http/operations.ts";
import { serve } from "./http/serve.ts";
import { abortScope } from "./lib/abort-scope.ts";
import { tellRefusals } from "./kube/refusals.ts";
import { createInstruments } from "./metrics/instruments.ts";
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

/** Starts one replica. Resolves when its caches are there and it works; throws StartupError when the cluster is not ready for it. */
export async function startApp(config: Config, deps: AppDeps): Promise<App> {
  const { client, clock, random, log, instruments = createInstruments() } = deps;
  await checkStartup(config, client);
  const { namespace, workers } = config;
  const count = ({ needed, targets }: { readonly needed: number; readonly targets: number }): void => {
    instruments.rightsMissing.set({ scope: "needed" }, needed);
    instruments.rightsMissing.set({ scope: "targets" }, targets);
  };
  const rights = new RightsWatch({ client, namespace, workers, clock, random, log, count });
  let problem: string | undefined = "the caches are being filled";
  const http = await serve(operationsHandler({ registry: instruments.registry, readiness: [
    { name: "replica", problem: () => problem },
    { name: "rights", problem: () => rights.missing(), notice: () => rights.missingForTargets() },
  ] }), config.httpPort);
  const life = abortScope();
  const watching = rights.run(life.signal);
  const replica = await startReplica(config, { ...deps, client: tellRefusals(client, (refusal) => rights.refused(refusal)), instruments, rights });
  problem = undefined;
  log.info("replica at work", { identity: config.identity, namespace: config.namespace, workers: config.workers, http: http.url });

  const stop = async (): Promise<void> => {
    problem = "it is stopping";
    await replica.stop();
    life.abort();
    await watching;
    await http.close();
  };
  let stopped: Promise<void> | undefined;
  const app: App = { httpUrl: http.url, stop: () => (stopped ??= stop()), [Symbol.asyncDispose]: () => app.stop() };
  return app;
}
