#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { ConfigError, type Environment } from "../config.ts";
import { KubeConfigError } from "../kube/kubeconfig.ts";
import { apiserverCommand } from "./apiserver.ts";
import { crdsCommand } from "./crds.ts";
import { demoCommand, naiveCommand } from "./demo.ts";
import { devCommand } from "./dev.ts";
import { EXIT } from "./exit-code.ts";
import { packageVersion } from "./package-files.ts";
import { runCommand } from "./run.ts";
import { UsageError } from "./usage-error.ts";

const HELP = `
Examples:
  $ ro demo                        # what it is for, in under a minute
  $ ro dev                         # a cluster on this machine to play with
  $ ro crds | kubectl apply --server-side -f -
  $ ro run --kubeconfig ~/.kube/config

Exit codes: 0 done, or stopped as told; 1 unexpected, or stopped by force; 2 the input or the cluster is not as it has to be,
and the message says what to do. Every command has a --help of its own.
`;

// The one place where the environment is read; whoever needs it is handed it.
const env: Environment = process.env;

const program = new Command("ro")
  .description("One workflow at a time per target, in any number of replicas.")
  .version(packageVersion())
  .addHelpText("after", HELP);
for (const command of [runCommand(env), devCommand(env), demoCommand(), apiserverCommand(env), crdsCommand()]) program.addCommand(command);
program.addCommand(naiveCommand(env), { hidden: true });
for (const command of [program, ...program.commands]) {
  // Errors are thrown, so that they end with our exit code; a command does not inherit that.
  command.exitOverride().showHelpAfterError(command === program ? "(ro --help lists the commands)" : `(ro ${command.name()} --help says what it takes)`);
}

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof KubeConfigError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT.usage;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.failed;
}
