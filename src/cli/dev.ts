import { join, relative } from "node:path";
import { Command } from "commander";
import { loadConfig, type Environment } from "../config.ts";
import { parsePort } from "./apiserver.ts";
import { EXIT } from "./exit-code.ts";
import { listenForInterruption } from "./interruption.ts";
import { installCrds, startLocalCluster } from "./local-cluster.ts";
import { deployFiles, packageRoot } from "./package-files.ts";
import { replicaProcess } from "./replica-process.ts";

interface DevFlags {
  readonly port: string;
  readonly writeKubeconfig: string;
  readonly logLevel: string;
}

const NAMESPACE = "kubernaut-system";
/** The one example that is not there from the start: applying it is the first thing to try. */
const EXAMPLE_REQUEST = "remediation-request.yaml";

/** `ro dev`: everything on a laptop, with examples to play with. */
export function devCommand(env: Environment): Command {
  return new Command("dev")
    .description("run the embedded API server, one replica with all workers, and examples, to play with kubectl")
    .option("--port <port>", "port of the API server on 127.0.0.1; 0 = any free one", "0")
    .option("--write-kubeconfig <file>", "where to write the kubeconfig", ".ro/kubeconfig")
    .option("--log-level <level>", "of the replica: debug, info, warn or error", "info")
    .addHelpText("after", "\nExamples:\n  $ ro dev\n  $ KUBECONFIG=.ro/kubeconfig kubectl get rr -w\n")
    .action((flags: DevFlags) => dev(flags, env));
}

async function dev(flags: DevFlags, env: Environment): Promise<void> {
  using interruption = listenForInterruption(() => process.exit(EXIT.failed));
  await using local = await startLocalCluster(["dev-replica"], { port: parsePort(flags.port), namespaces: [NAMESPACE], controllers: true, node: "script" });
  installCrds(local);
  for (const { name, text } of deployFiles("examples")) if (name !== EXAMPLE_REQUEST) local.create(text);
  const kubeconfig = local.writeKubeconfig(flags.writeKubeconfig, local.admin, NAMESPACE);
  const config = loadConfig({ kubeconfig, namespace: NAMESPACE, identity: "dev-replica", httpPort: "0", logLevel: flags.logLevel }, {}, () => "dev-replica");
  await replicaProcess(config, env).run(interruption, ({ httpUrl }) => process.stdout.write(linesToTry(kubeconfig, httpUrl)));
}

function linesToTry(kubeconfig: string, httpUrl: string): string {
  const example = { path: relative(process.cwd(), join(packageRoot, "deploy", "examples", EXAMPLE_REQUEST)), name: "rr-checkout-crashes" };
  return `
The cluster is up, and one replica with all workers is at work (${httpUrl}/metrics). In another terminal:

  export KUBECONFIG=${kubeconfig}
  kubectl get deployments,remediationworkflows -A            # a target and a catalog of cures
  kubectl apply -f ${example.path}  # an alert
  kubectl get rr -w                                          # Ctrl-C when it is Completed
  kubectl wait --for=jsonpath='{.status.overallPhase}'=Completed rr/${example.name} --timeout=30s
  kubectl describe rr ${example.name}
  kubectl get sp,aia,wfe,ea,jobs
  kubectl delete rr ${example.name}                      # and everything that it owns

Ctrl-C here ends it; nothing is kept.
`;
}
