import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/** A process of this program: a replica, or one of the naive orchestrators. */
export interface Child {
  readonly name: string;
  /** Resolves at the first log line with this message; rejects when the process ends before. */
  says(message: string): Promise<void>;
  kill(signal: NodeJS.Signals): void;
  /** Resolves with the exit code, or the signal that ended it. */
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));

/** The program's own entry point: beside this file, as source or as what was built of it. */
function entryPoint(): string {
  return import.meta.url.endsWith(".ts") ? MAIN : MAIN.replace(/\.ts$/, ".js");
}

/** Starts `ro <args>`. Its log lines are read, not shown; what it writes to standard error is. */
export function startChild(name: string, args: readonly string[]): Child {
  const child: ChildProcess = spawn(process.execPath, [entryPoint(), ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const waiting = new Map<string, () => void>();
  const said = new Set<string>();
  if (child.stdout) {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const message = messageOf(line);
      said.add(message);
      waiting.get(message)?.();
    });
  }
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  return {
    name,
    ended,
    kill: (signal) => void child.kill(signal),
    says(message) {
      if (said.has(message)) return Promise.resolve();
      return new Promise((resolve, reject) => {
        waiting.set(message, resolve);
        void ended.then((how) => reject(new Error(`${name} ended (${how}) before it said "${message}"`)));
      });
    },
  };
}

function messageOf(line: string): string {
  try {
    // Our own log: one JSON object a line.
    return (JSON.parse(line) as { readonly msg?: string }).msg ?? "";
  } catch (error) {
    if (error instanceof SyntaxError) return line;
    throw error;
  }
}
