#!/usr/bin/env node
import { Command, CommanderError } from "commander";
import { ConfigError } from "../config.ts";
import { KubeConfigError } from "../kube/kubeconfig.ts";
import { apiserverCommand } from "./apiserver.ts";
import { crdsCommand } from "./crds.ts";
import { demoCommand, naiveCommand } from "./demo.ts";
import { devCommand } from "./dev.ts";
import { packageVersion } from "./package-files.ts";
import { runCommand } from "./run.ts";
import { UsageError } from "./usage-error.ts";

/** Exit codes: 0 done, 1 unexpected, 2 the input or the cluster is not as it has to be. */
const EXIT_UNEXPECTED = 1;
const EXIT_USAGE = 2;

const program = new Command("ro")
  .description("One workflow at a time per target, in any number of replicas.")
  .version(packageVersion())
  .showHelpAfterError("(ro --help lists the commands)")
  .exitOverride()
  .addCommand(runCommand())
  .addCommand(devCommand())
  .addCommand(demoCommand())
  .addCommand(apiserverCommand())
  .addCommand(crdsCommand())
  .addCommand(naiveCommand(), { hidden: true });

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE;
  if (error instanceof UsageError || error instanceof ConfigError || error instanceof KubeConfigError) {
    process.stderr.write(`${error.message}\n`);
    return EXIT_USAGE;
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT_UNEXPECTED;
}
