import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { Command } from "commander";
import { startApp, StartupError, type App } from "../app.ts";
import { loadConfig, WORKERS, type Flags } from "../config.ts";
import { connect } from "../kube/connect.ts";
import { isKubeError } from "../kube/kube-error.ts";
import { systemClock } from "../lib/clock.ts";
import { jsonLogger } from "../lib/log.ts";
import { createInstruments } from "../metrics/instruments.ts";
import { packageVersion } from "./package-files.ts";
import { untilInterrupted } from "./until-interrupted.ts";
import { UsageError } from "./usage-error.ts";

/** How long a stop may take before the process goes anyway. */
const STOP_WITHIN_MS = 9500;

/** `ro run`: one replica, until it is told to stop. */
export function runCommand(): Command {
  return new Command("run")
    .description("run one replica of the orchestrator")
    .option("--kubeconfig <file>", "kubeconfig (default: KUBECONFIG, else the pod's service account)")
    .option("--namespace <name>", "namespace of the custom resources (default: POD_NAMESPACE, else kubernaut-system)")
    .option("--config <file>", "configuration file, YAML; see README, section Configuration")
    .option("--workers <list>", `all, none or a list of ${WORKERS.join(", ")}`)
    .option("--http-port <port>", "port of /healthz, /readyz and /metrics; 0 = any free one (default: 8080)")
    .option("--identity <name>", "name of this replica (default: POD_NAME, else made up)")
    .option("--log-level <level>", "debug, info, warn or error (default: info)")
    .addHelpText("after", "\nExamples:\n  $ ro run --kubeconfig ~/.kube/config\n  $ ro run --workers none          # somebody else's controllers play the neighbours\n  $ ro run --config ro.yaml --http-port 0\n\nExit codes: 0 stopped as told, 1 unexpected, 2 configuration or cluster not ready.\n")
    .action(run);
}

async function run(flags: Flags): Promise<void> {
  const config = loadConfig(flags, process.env, () => `${hostname()}-${randomBytes(3).toString("hex")}`);
  const log = jsonLogger(config.logLevel).with({ replica: config.identity });
  const instruments = createInstruments({ processMetrics: true });
  const connection = await connect({
    kubeconfig: config.kubeconfig,
    env: process.env,
    clock: systemClock,
    userAgent: `remediation-orchestrator/${packageVersion()}`,
    onRequest: ({ verb, kind, status, durationMs }) => {
      instruments.apiRequests.inc({ verb, kind, status });
      instruments.apiRequestSeconds.observe({ verb }, durationMs / 1000);
    },
  });
  try {
    const app = await startApp(config, { client: connection.client, clock: systemClock, random: Math.random, log, instruments }).catch((error: unknown) => {
      throw asUsageError(error, connection.server);
    });
    await untilInterrupted();
    log.info("stopping");
    await stopInTime(app);
    log.info("stopped");
  } finally {
    await connection.close();
  }
}

function asUsageError(error: unknown, server: string): unknown {
  if (error instanceof StartupError) return new UsageError(error.message);
  if (isKubeError(error, "Unreachable")) return new UsageError(`the API server at ${server} does not answer: ${error.message}`);
  if (isKubeError(error, "Unauthorized")) return new UsageError(`the API server at ${server} does not know this user: check the kubeconfig's credentials`);
  return error;
}

async function stopInTime(app: App): Promise<void> {
  const timer = systemClock.timer(STOP_WITHIN_MS, () => process.exit(0));
  await app.stop();
  timer.cancel();
}
