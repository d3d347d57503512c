import { execFile } from "node:child_process";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "..", "..");

/** How a script ended, and what it printed. */
export interface ScriptEnd {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program from the root of the repository to its end; `env` comes on top of our own environment, and undefined takes a variable away. */
export function runProgram(program: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<ScriptEnd> {
  return new Promise((resolve) => {
    execFile(program, [...args], { cwd: ROOT, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === "number" ? error.code : error ? 1 : 0, stdout, stderr });
    });
  });
}

/** Runs a TypeScript file in a Node process of its own. */
export function runScript(args: readonly string[], env?: NodeJS.ProcessEnv): Promise<ScriptEnd> {
  return runProgram(process.execPath, args, env);
}
