import { startChild, type Child } from "../../src/cli/demo/child.ts";
import type { Stage } from "./stage.ts";
import { writeKubeconfig } from "./kubeconfig.ts";

/** Replicas as `ro run` starts them, by name. */
export interface Fleet extends AsyncDisposable {
  /** Starts one and resolves when it is at work. */
  start(name: string): Promise<void>;
  /** Kills one at once and resolves when it is gone; `atMs` is the moment of the signal. */
  kill(name: string): { readonly atMs: number; readonly ended: Promise<void> };
}

export async function startFleet({ server, cluster }: Stage, names: readonly string[]): Promise<Fleet> {
  const kubeconfig = writeKubeconfig(server);
  const running = new Map<string, Child>();
  const killAll = (): void => running.forEach((child) => child.kill("SIGKILL"));
  process.once("exit", killAll);
  const fleet: Fleet = {
    async start(name) {
      const child = startChild(name, ["run", "--kubeconfig", kubeconfig.path, "--namespace", cluster.namespace, "--identity", name, "--http-port", "0"]);
      running.set(name, child);
      await child.says("replica at work");
    },
    kill(name) {
      const child = running.get(name);
      if (!child) throw new Error(`no replica ${name} is running`);
      const atMs = performance.now();
      child.kill("SIGKILL");
      running.delete(name);
      return { atMs, ended: child.ended.then(() => undefined) };
    },
    async [Symbol.asyncDispose]() {
      running.forEach((child) => child.kill("SIGTERM"));
      await Promise.all([...running.values()].map(({ ended }) => ended));
      process.removeListener("exit", killAll);
      kubeconfig[Symbol.dispose]();
    },
  };
  await Promise.all(names.map((name) => fleet.start(name)));
  return fleet;
}
