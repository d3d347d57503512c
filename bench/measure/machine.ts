import { availableParallelism, cpus } from "node:os";

/** On what, and beside whose work, a run was taken. */
export interface Machine {
  readonly cores: number;
  readonly model: string;
  readonly node: string;
  /** How much of all cores others used before the run began, 0 to 1. */
  readonly busyBefore: number;
}

const LOOK_MS = 1000;
/** Above this, times say little and ratios have to do. */
const QUIET = 0.1;

/** Looks at the machine for a second. */
export async function machineNow(): Promise<Machine> {
  const busy = startBusy();
  await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  return { cores: availableParallelism(), model: cpus()[0]?.model ?? "unknown", node: process.version, busyBefore: busy() };
}

export function wasQuiet({ busyBefore }: Machine): boolean {
  return busyBefore <= QUIET;
}

/** Counts from now on; the answer is the share of all cores that were busy since, 0 to 1, with everybody's work. */
export function startBusy(): () => number {
  const start = ticks();
  return () => {
    const now = ticks();
    const total = now.total - start.total;
    return total > 0 ? 1 - (now.idle - start.idle) / total : 0;
  };
}

function ticks(): { readonly idle: number; readonly total: number } {
  let idle = 0;
  let total = 0;
  for (const { times } of cpus()) {
    idle += times.idle;
    total += times.user + times.nice + times.sys + times.irq + times.idle;
  }
  return { idle, total };
}
