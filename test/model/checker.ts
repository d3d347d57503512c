import { execFile, type ExecFileException } from "node:child_process";
import { join } from "node:path";
import { workFolder } from "./work-folder.ts";

const MODEL = join(import.meta.dirname, "..", "..", "docs", "model", "protocol.pml");
const HERE = import.meta.dirname;

/** Spin or a C compiler is not on this machine. The message says what to install. */
export class ToolMissingError extends Error {
  override readonly name = "ToolMissingError";
}

/** What is compiled: the model's knobs (`-D` of protocol.pml), and whether deadlocks and assertions or cycles are looked for. */
export interface Build {
  readonly defines: readonly string[];
  readonly search: "states" | "cycles";
  /** Options of the C compiler besides the usual ones. */
  readonly compiler?: readonly string[];
}

/** A compiled search in a folder of its own, which goes with it. */
export interface Verifier extends AsyncDisposable {
  /** Runs the search to its end. Throws when it gave up (memory, depth, time): then nothing was shown. */
  run(options?: { readonly env?: NodeJS.ProcessEnv; readonly hashBits?: number }): Promise<Found>;
}

/** What a search found. `broken`: the first thing that does not hold, by its name in the protocol. */
export interface Found {
  readonly broken?: string;
  readonly states: number;
  readonly transitions: number;
  readonly megabytes: number;
  readonly seconds: number;
  readonly output: string;
}

/** Deeper than any path of the model; reaching it is an error, not an answer. */
const MAX_DEPTH = 2_000_000;
const MAX_MEGABYTES = 8000;
const TIMEOUT_MS = 3_600_000;

/** Throws ToolMissingError unless `spin` and `gcc` are there; tells Spin's version. */
export async function checkTools(): Promise<string> {
  try {
    await exec("gcc", ["--version"]);
    return (await exec("spin", ["-V"])).trim();
  } catch (error) {
    throw new ToolMissingError("The model needs Spin and a C compiler: apt-get install spin gcc libc6-dev", { cause: error });
  }
}

/** Turns the model into a program that searches all its states. */
export async function compile({ defines, search, compiler = [] }: Build): Promise<Verifier> {
  const folder = workFolder("ro-model");
  try {
    const options = defines.map((define) => `-D${define}`);
    await exec("spin", ["-a", ...options, MODEL], folder.path);
    const kind = search === "states" ? ["-DSAFETY"] : ["-DNP"];
    await exec("gcc", ["-O1", "-w", "-DNOREDUCE", `-DMEMLIM=${MAX_MEGABYTES}`, `-I${HERE}`, ...kind, ...compiler, "-o", "pan", "pan.c"], folder.path);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
  return { run: (options = {}) => runIn(folder.path, search, options), [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose]() };
}

async function runIn(folder: string, search: Build["search"], { env = {}, hashBits = 22 }: Parameters<Verifier["run"]>[0] & object): Promise<Found> {
  const startedMs = performance.now();
  const output = await exec(join(folder, "pan"), [`-m${MAX_DEPTH}`, `-w${hashBits}`, ...(search === "cycles" ? ["-l"] : [])], folder, env);
  const broken = brokenIn(output);
  return {
    ...(broken ? { broken } : {}),
    states: numberIn(output, /([\d.e+]+) states, stored/),
    transitions: numberIn(output, /([\d.e+]+) transitions/),
    megabytes: numberIn(output, /([\d.]+)\s+total actual/),
    seconds: (performance.now() - startedMs) / 1000,
    output,
  };
}

/** The first error by name: an invariant, or L1 for a cycle that nobody gets out of. Throws on a search that gave up. */
function brokenIn(output: string): string | undefined {
  if (/max search depth too small|out of memory|reached -DMEMLIM/.test(output)) throw new Error(`the search gave up:\n${output}`);
  const error = /pan:\d+: (.*)/.exec(output)?.[1];
  if (error === undefined) return undefined;
  if (error.startsWith("non-progress cycle")) return "L1";
  return /assertion violated \((\w+)/.exec(error)?.[1] ?? error;
}

function numberIn(output: string, pattern: RegExp): number {
  const found = Number(pattern.exec(output)?.[1]);
  if (Number.isNaN(found)) throw new Error(`no ${pattern.source} in:\n${output}`);
  return found;
}

/** Runs a program to its end and returns what it prints. It is told to end when this process does. */
function exec(command: string, args: readonly string[], cwd?: string, env: NodeJS.ProcessEnv = {}): Promise<string> {
  const options = { maxBuffer: 64 * 1024 * 1024, timeout: TIMEOUT_MS, env: { ...process.env, ...env }, ...(cwd ? { cwd } : {}) };
  return new Promise((resolve, reject) => {
    const child = execFile(command, [...args], options, (error: ExecFileException | null, stdout, stderr) => {
      process.removeListener("exit", kill);
      if (error) reject(new Error(`${command} ${args.join(" ")}: ${error.signal ?? `exit code ${error.code}`}\n${stdout}${stderr}`, { cause: error }));
      else resolve(stdout + stderr);
    });
    const kill = (): void => void child.kill();
    // Before the folder in which it writes is removed.
    process.prependOnceListener("exit", kill);
  });
}
