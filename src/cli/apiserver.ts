import { Command, Option } from "commander";
import type { NodeMode } from "../apiserver/node/node.ts";
import type { Environment } from "../config.ts";
import { EXIT } from "./exit-code.ts";
import { listenForInterruption } from "./interruption.ts";
import { startLocalCluster } from "./local-cluster.ts";
import { UsageError } from "./usage-error.ts";

interface ApiserverFlags {
  readonly port: string;
  readonly writeKubeconfig: string;
  readonly jobs?: true;
  readonly node: NodeMode | "none";
}

/** `ro apiserver`: the embedded Kubernetes API server alone. */
export function apiserverCommand(env: Environment): Command {
  return new Command("apiserver")
    .description("run the embedded Kubernetes API server alone (in memory; nothing is kept)")
    .option("--port <port>", "port on 127.0.0.1; 0 = any free one", "6443")
    .option("--write-kubeconfig <file>", "where to write the admin's kubeconfig", ".ro/kubeconfig")
    .option("--jobs", "run the Job and Deployment controllers")
    .addOption(new Option("--node <mode>", "how pods run: not at all, by script (annotation ro.dev/script), or as local processes").choices(["none", "script", "process"]).default("none"))
    .addHelpText("after", "\nExamples:\n  $ ro apiserver --jobs --node script\n  $ KUBECONFIG=.ro/kubeconfig kubectl get namespaces\n")
    .action((flags: ApiserverFlags) => apiserver(flags, env));
}

/** The port that a text says. Throws UsageError when it says none. */
export function parsePort(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port: must be a number from 0 to 65535 (seen: ${JSON.stringify(text)})`);
}

async function apiserver(flags: ApiserverFlags, env: Environment): Promise<void> {
  const port = parsePort(flags.port);
  using interruption = listenForInterruption(() => process.exit(EXIT.failed));
  const baseEnv = { PATH: env["PATH"] ?? "" };
  await using local = await startLocalCluster([], { port, controllers: flags.jobs ?? false, nodeEnv: baseEnv, ...(flags.node === "none" ? {} : { node: flags.node }) });
  const kubeconfig = local.writeKubeconfig(flags.writeKubeconfig, local.admin);
  process.stdout.write(`Kubernetes API at ${local.cluster.listening.url}\n\n  export KUBECONFIG=${kubeconfig}\n  kubectl get namespaces\n\nCtrl-C ends it; nothing is kept.\n`);
  await interruption.told;
}
