import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { Command } from "commander";
import { loadConfig, WORKERS, type Environment, type Flags } from "../config.ts";
import { EXIT } from "./exit-code.ts";
import { listenForInterruption } from "./interruption.ts";
import { replicaProcess } from "./replica-process.ts";

const HELP = `
Examples:
  $ ro run --kubeconfig ~/.kube/config
  $ ro run --workers none          # somebody else's controllers play the neighbours
  $ ro run --config ro.yaml --http-port 0

Flags win over environment, environment over the configuration file.

Exit codes: 0 stopped as told (SIGTERM or SIGINT), with everything given back; 1 unexpected, or stopped by force: work was
still in hand 9 s after the signal, or a second signal came (the last line of the log says what was in hand); 2 the input
or the cluster is not as it has to be, and the message says what to do.
`;

/** `ro run`: one replica, until it is told to stop. */
export function runCommand(env: Environment): Command {
  return new Command("run")
    .description("run one replica of the orchestrator")
    .option("--kubeconfig <file>", "kubeconfig (default: KUBECONFIG, else the pod's service account)")
    .option("--namespace <name>", "namespace of the custom resources (default: POD_NAMESPACE, else kubernaut-system)")
    .option("--config <file>", "configuration file, YAML; see README, section Configuration")
    .option("--workers <list>", `all, none or a list of ${WORKERS.join(", ")} (default: all)`)
    .option("--http-port <port>", "port of /healthz, /readyz and /metrics; 0 = any free one (default: 8080)")
    .option("--identity <name>", "name of this replica (default: POD_NAME, else made up)")
    .option("--log-level <level>", "debug, info, warn or error (default: info)")
    .addHelpText("after", HELP)
    .action((flags: Flags) => run(flags, env));
}

async function run(flags: Flags, env: Environment): Promise<void> {
  const config = loadConfig(flags, env, () => `${hostname()}-${randomBytes(3).toString("hex")}`);
  const replica = replicaProcess(config, env);
  using interruption = listenForInterruption(() => replica.force("told a second time"));
  await replica.run(interruption);
  // A handshake that nobody answers would keep the process for 10 s.
  process.exit(EXIT.done);
}
