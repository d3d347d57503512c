import { Command } from "commander";
import type { Environment } from "../config.ts";
import { connect } from "../kube/connect.ts";
import { systemClock } from "../lib/clock.ts";
import { jsonLogger } from "../lib/log.ts";
import { withoutLock } from "./demo/act-1-without-lock.ts";
import { withLock } from "./demo/act-2-with-lock.ts";
import { killTheActor } from "./demo/act-3-kill.ts";
import { pauseTheActor } from "./demo/act-4-pause.ts";
import { NotObserved } from "./demo/claim.ts";
import { runNaiveOrchestrator } from "./demo/naive-orchestrator.ts";
import { heading, screenOn, type Screen } from "./demo/screen.ts";
import { setStage } from "./demo/stage.ts";
import { EXIT } from "./exit-code.ts";

const HELP = `
Everything runs on this machine: an embedded Kubernetes API server, three replicas as processes; nothing of it is left.

Examples:
  $ ro demo
  $ ro demo > demo.log             # nothing is drawn twice in a file

Exit codes: 0 everything that is claimed was observed; 1 something was not, or it was interrupted.
`;

interface NaiveFlags {
  readonly kubeconfig: string;
  readonly namespace: string;
}

/** `ro demo`: the race without the lock, and the same storm with it. */
export function demoCommand(): Command {
  return new Command("demo")
    .description("show the race without the lock, the same storm with it, a killed and a paused replica (under a minute)")
    .addHelpText("after", HELP)
    .action(demo);
}

/** `ro demo-naive`: one of the orchestrators without a lock; only the demo starts it. */
export function naiveCommand(env: Environment): Command {
  return new Command("demo-naive").requiredOption("--kubeconfig <file>").requiredOption("--namespace <name>").action((flags: NaiveFlags) => naive(flags, env));
}

async function demo(): Promise<void> {
  const screen = screenOn(process.stdout);
  const startMs = systemClock.monotonic();
  endWhenInterrupted();
  try {
    await play(screen);
  } catch (error) {
    if (!(error instanceof NotObserved)) throw error;
    process.stderr.write(`\nThe demo did not see what it claims: ${error.message}\n`);
    process.exitCode = EXIT.failed;
    return;
  }
  screen.write(`\nEverything above was observed on the API server and on the node, in ${((systemClock.monotonic() - startMs) / 1000).toFixed(0)} s.\n`);
}

/** Ends at once when it is told to, or when its terminal has gone; the stage takes itself away then. */
function endWhenInterrupted(): void {
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.once(name, () => {
      process.stderr.write("\nInterrupted: nothing was shown to its end.\n");
      process.exit(EXIT.failed);
    });
  }
}

async function play(screen: Screen): Promise<void> {
  await using stage = await setStage();
  screen.write(`An embedded Kubernetes API server is up at ${stage.local.cluster.listening.url}.\n`);
  await withoutLock(stage, screen);
  await withLock(stage, screen);
  await killTheActor(stage, screen);
  await pauseTheActor(stage, screen);
  heading(screen, 5, "What to try next");
  screen.write("   npm run ro -- dev                     # a cluster, a replica and examples that stay: it prints the kubectl lines\n   npm run ro -- run --help              # a replica on a cluster of yours\n   npm run ro -- crds | kubectl apply --server-side -f -\n");
}

async function naive({ kubeconfig, namespace }: NaiveFlags, env: Environment): Promise<void> {
  const { client } = await connect({ kubeconfig, env, clock: systemClock, userAgent: "naive-orchestrator" });
  jsonLogger("info").info("naive orchestrator at work");
  await runNaiveOrchestrator(client, namespace, systemClock, new AbortController().signal);
}
