import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";

const MAIN = join(import.meta.dirname, "..", "..", "src", "cli", "main.ts");

/** How a process ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Of the test's monotonic clock, milliseconds. */
  readonly atMs: number;
}

/** `ro <args>` as a process of its own. Disposing kills what is left of it. */
export interface RoProcess extends AsyncDisposable {
  readonly pid: number;
  /** Everything that it has printed so far. */
  readonly printed: () => string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves at the first line of standard output that fits; rejects, with all that was printed, when the process ends before. */
  line(fits: (line: string) => boolean): Promise<string>;
  /** Resolves when it and everything that holds its output has ended. */
  readonly ended: Promise<Ended>;
}

/** Starts it with exactly this environment, and the PATH. */
export function ro(args: readonly string[], env: Readonly<Record<string, string>> = {}): RoProcess {
  const child = spawn(process.execPath, [MAIN, ...args], { stdio: ["ignore", "pipe", "pipe"], env: { PATH: process.env["PATH"] ?? "", ...env } });
  let [stdout, stderr] = ["", ""];
  const lines: string[] = [];
  const listeners = new Set<(line: string) => void>();
  child.stdout.on("data", (chunk: Buffer) => void (stdout += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => void (stderr += chunk.toString("utf8")));
  createInterface({ input: child.stdout }).on("line", (line) => {
    lines.push(line);
    for (const listener of listeners) listener(line);
  });
  const ended = new Promise<Ended>((resolve) => child.once("close", (code, signal) => resolve({ code, signal, stdout, stderr, atMs: performance.now() })));
  return {
    pid: child.pid ?? 0,
    printed: () => `${stdout}${stderr}`,
    kill: (signal) => void child.kill(signal),
    line: (fits) =>
      new Promise((resolve, reject) => {
        const found = lines.find(fits);
        if (found !== undefined) return resolve(found);
        listeners.add((line) => fits(line) && resolve(line));
        void ended.then(({ code, signal }) => reject(new Error(`ended (${code ?? signal}) before it said so:\n${stdout}${stderr}`)));
      }),
    ended,
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** Whether a line is our log's, with this message. */
export function says(message: string): (line: string) => boolean {
  return (line) => line.includes(`"msg":${JSON.stringify(message)}`);
}

/** Runs it to its end. */
export async function roEnds(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<Ended> {
  await using child = ro(args, env);
  return await child.ended;
}
