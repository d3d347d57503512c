/** One of several things that are compared. */
export type Arm = () => Promise<void>;

/** What one arm took, sample by sample. */
export interface ArmTimes {
  readonly ms: readonly number[];
  /** This process's own CPU time per sample, microseconds. */
  readonly cpuUs: readonly number[];
}

/**
 * Runs the arms in turn, one sample each, so that whatever else the machine does hits all of them alike; each round begins
 * with another one. The first `warmUp` rounds are not counted.
 */
export async function interleave<N extends string>(arms: Readonly<Record<N, Arm>>, rounds: { readonly warmUp: number; readonly samples: number }): Promise<Readonly<Record<N, ArmTimes>>> {
  const names = Object.keys(arms) as N[];
  const times = Object.fromEntries(names.map((name) => [name, { ms: [] as number[], cpuUs: [] as number[] }])) as Record<N, { ms: number[]; cpuUs: number[] }>;
  for (let round = 0; round < rounds.warmUp + rounds.samples; round++) {
    for (let place = 0; place < names.length; place++) {
      const name = names[(place + round) % names.length];
      if (name === undefined) continue;
      const taken = await timed(arms[name]);
      if (round < rounds.warmUp) continue;
      times[name].ms.push(taken.ms);
      times[name].cpuUs.push(taken.cpuUs);
    }
  }
  return times;
}

async function timed(arm: Arm): Promise<{ readonly ms: number; readonly cpuUs: number }> {
  const cpu = process.cpuUsage();
  const startMs = performance.now();
  await arm();
  const ms = performance.now() - startMs;
  const { user, system } = process.cpuUsage(cpu);
  return { ms, cpuUs: user + system };
}
