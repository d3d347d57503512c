import { spawn, type ChildProcess } from "node:child_process";
import { constants } from "node:os";
import type { Readable } from "node:stream";
import { createInterface } from "node:readline";
import type { Clock, Timer } from "../../lib/clock.ts";
import { deferred } from "../../lib/deferred.ts";
import type { ContainerEvents, ContainerExit, ContainerRunner, ContainerSpec, RunningContainer } from "./container.ts";

// The guard reads descriptor 3, whose other end only this process holds: when this process is gone, however it went, the
// read ends and the guard kills the process group. `exec` keeps the pid, so that the command itself gets the SIGTERM.
const GUARDED = `( trap "" TERM INT HUP; read _ <&3; kill -KILL -$$ ) >/dev/null 2>&1 & exec "$@" 3<&-`;

export interface ProcessRunnerDeps {
  readonly clock: Clock;
  /** What every process inherits, for instance PATH. */
  readonly baseEnv: Readonly<Record<string, string>>;
}

/**
 * Runs a container's command as a process group of this machine, with `baseEnv` and its own environment. Needs a POSIX shell.
 * SIGTERM goes to the command, SIGKILL to the group; when the command ends, what it left behind is killed, as in a container.
 * Nothing outlives this process, not even when it is killed itself, unless it left the group (setsid).
 */
export function processRunner(deps: ProcessRunnerDeps): ContainerRunner {
  return (spec, events) => new ProcessContainer(deps, spec, events);
}

class ProcessContainer implements RunningContainer {
  readonly #clock: Clock;
  readonly #events: ContainerEvents;
  readonly #child: ChildProcess;
  readonly #gone = deferred();
  #killTimer: Timer | undefined;
  #killDueMs = Number.POSITIVE_INFINITY;
  #told = false;

  constructor({ clock, baseEnv }: ProcessRunnerDeps, spec: ContainerSpec, events: ContainerEvents) {
    this.#clock = clock;
    this.#events = events;
    const argv = spec.argv.length > 0 ? spec.argv : ["sh", "-c", "echo 'the container has no command, and there is no image to ask' >&2; exit 128"];
    this.#child = spawn("sh", ["-c", GUARDED, "container", ...argv], {
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "pipe"],
      env: { ...baseEnv, ...spec.env },
      ...(spec.workingDir === undefined ? {} : { cwd: spec.workingDir }),
    });
    this.#printLines(this.#child.stdout);
    this.#printLines(this.#child.stderr);
    this.#child.once("error", (error) => this.#ended({ exitCode: 128, reason: "StartError", message: error.message }));
    // The group outlives the command by its guard at least; its streams close when the last of it is gone.
    this.#child.once("exit", () => this.#killGroup());
    this.#child.once("close", (code, signal) => this.#ended(exitOf(code, signal)));
  }

  stop(graceMs: number): void {
    if (this.#told) return;
    const dueMs = this.#clock.monotonic() + graceMs;
    if (dueMs >= this.#killDueMs) return;
    if (this.#killTimer === undefined) this.#child.kill("SIGTERM");
    this.#killTimer?.cancel();
    this.#killDueMs = dueMs;
    this.#killTimer = this.#clock.timer(graceMs, () => this.#killGroup());
  }

  kill(): Promise<void> {
    if (!this.#told) this.#killGroup();
    this.#told = true;
    this.#killTimer?.cancel();
    return this.#gone.promise;
  }

  #printLines(stream: Readable | null): void {
    if (stream) createInterface({ input: stream }).on("line", (line) => this.#events.line(line));
  }

  #killGroup(): void {
    const { pid } = this.#child;
    if (pid === undefined) return;
    try {
      process.kill(-pid, "SIGKILL");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "ESRCH")) throw error;
    }
  }

  #ended(exit: ContainerExit): void {
    this.#killTimer?.cancel();
    this.#gone.resolve();
    if (this.#told) return;
    this.#told = true;
    this.#events.exit(exit);
  }
}

function exitOf(code: number | null, signal: NodeJS.Signals | null): ContainerExit {
  const exitCode = code ?? 128 + (signal ? constants.signals[signal] : 0);
  return { exitCode, reason: exitCode === 0 ? "Completed" : "Error" };
}
