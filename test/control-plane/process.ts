import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer } from "node:net";

/** A program that is running, and dies with this process whatever becomes of it. */
export interface Running {
  readonly name: string;
  /** Whether it has ended by itself or by us. */
  readonly ended: boolean;
  /** The last lines that it printed. */
  tail(): Promise<string>;
  /** Resolves when it has ended, however that came. */
  readonly gone: Promise<void>;
  /** Sends a signal and does not wait, for instance SIGSTOP. */
  signal(signal: NodeJS.Signals): void;
  /** Ends it and waits until it is gone: politely, then after five seconds by force; `SIGKILL` at once. */
  stop(signal?: "SIGTERM" | "SIGKILL"): Promise<void>;
}

/** Asks the kernel to kill the child when we die, even by SIGKILL. Without it only an orderly exit takes the child along. */
const SETPRIV = "/usr/bin/setpriv";
const FORCE_AFTER_MS = 5000;

/** Starts a program with its output appended to `logFile`, in this process's environment or the one given. */
export function run(name: string, command: string, args: readonly string[], logFile: string, env: NodeJS.ProcessEnv = process.env): Running {
  const log = openSync(logFile, "a");
  const argv = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL", "--", command, ...args] : [command, ...args];
  const child: ChildProcess = spawn(argv[0] ?? command, argv.slice(1), { stdio: ["ignore", log, log], env });
  // The child has its own copy.
  closeSync(log);
  const kill = (): void => void child.kill("SIGKILL");
  process.once("exit", kill);
  let ended = false;
  const gone = new Promise<void>((resolve) => {
    const settle = (): void => {
      ended = true;
      process.removeListener("exit", kill);
      resolve();
    };
    child.once("exit", settle).once("error", settle);
  });
  return {
    name,
    get ended() {
      return ended;
    },
    gone,
    signal: (signal) => void child.kill(signal),
    tail: async () => (await readFile(logFile, "utf8")).split("\n").slice(-25).join("\n"),
    async stop(signal = "SIGTERM") {
      child.kill(signal);
      const force = setTimeout(kill, FORCE_AFTER_MS);
      await gone;
      clearTimeout(force);
    },
  };
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}
