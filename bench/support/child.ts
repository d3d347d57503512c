import { fork, type ChildProcess } from "node:child_process";

/** A process of ours that answers messages, one answer to each. It ends when this process does, however that ends. */
export interface Child extends AsyncDisposable {
  readonly pid: number;
  /** Sends a message and resolves with the next answer; rejects when the process ends instead. One at a time. */
  ask<A>(message: object): Promise<A>;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<number | NodeJS.Signals | null>;
}

const FORCE_AFTER_MS = 10_000;

/** Starts a module as a process of its own. Its standard output goes nowhere; `flags` are Node's. */
export function startChild(module: string, flags: readonly string[] = []): Child {
  const child: ChildProcess = fork(module, { execArgv: [...flags], stdio: ["ignore", "ignore", "inherit", "ipc"] });
  const ended = new Promise<number | NodeJS.Signals | null>((resolve) => child.once("exit", (code, signal) => resolve(signal ?? code)));
  return {
    pid: child.pid ?? 0,
    ended,
    kill: (signal) => void child.kill(signal),
    ask<A>(message: object) {
      return new Promise<A>((resolve, reject) => {
        // The child answers with what its own side of the protocol says.
        child.once("message", (answer) => resolve(answer as A));
        void ended.then((how) => reject(new Error(`${module} ended (${how}) before it answered`)));
        child.send(message);
      });
    },
    async [Symbol.asyncDispose]() {
      // It ends by itself once nobody can ask it any more.
      if (child.connected) child.disconnect();
      const force = setTimeout(() => child.kill("SIGKILL"), FORCE_AFTER_MS);
      await ended;
      clearTimeout(force);
    },
  };
}
