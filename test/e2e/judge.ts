import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../src/api/kinds.ts";
import { isKubeError } from "../../src/kube/kube-error.ts";
import { NAMESPACE } from "./cluster-setup.ts";
import type { Kill } from "./kills.ts";
import { locksAmong, restless } from "./left-over.ts";
import type { Moment } from "./recovery.ts";
import type { Rounds } from "./rounds.ts";
import { verdictOf, type Strikes, type Verdict } from "./verdict.ts";
import type { World } from "./world.ts";

/** A story that is over, as its teller knows it. */
export interface Told {
  readonly story: string;
  readonly rounds: Rounds;
  /** When something was hit. */
  readonly faults: readonly Moment[];
  /** Of a story in which something is broken. */
  readonly strikes?: Strikes;
  /** Moments that nothing chose. */
  readonly any: readonly Moment[];
  readonly seconds: number;
  /** Of a story that was to make that many contended launches. */
  readonly wanted?: number;
  /** Of a story in which requests may end otherwise than Remediated. */
  readonly endsOtherwise?: true;
  /** Of a story in which locks were deleted by hand. */
  readonly locksDeleted?: true;
  /** Of a story that has to kill at each step. */
  readonly kills?: readonly Kill[];
}

/** How long nothing may move before what is still there counts as left over. */
const REST_WITHIN_MS = 40_000;

/** Waits until everything has come to rest, then judges a story by what the watch and the ledger have seen of it. */
export async function judge(world: World, { rounds, ...told }: Told): Promise<Verdict> {
  const left = await leftOver(world);
  const { record, ledger } = world;
  return verdictOf({
    ...told,
    left,
    requests: new Map([...rounds.launched.keys()].map((name) => [name, record.request(name)])),
    changes: record.changes,
    progress: record.progress,
    fenced: record.fenced.size,
    holes: record.holes,
    lines: ledger.lines(),
  });
}

/** What is still there after patience: locks, Jobs and executions that have not ended, finalizers. */
async function leftOver(world: World): Promise<readonly string[]> {
  const startedMs = performance.now();
  for (;;) {
    const left = [...restless(world.record.objects), ...(await locks(world))];
    if (left.length === 0 || performance.now() - Math.max(startedMs, world.record.movedMs) > REST_WITHIN_MS) return left;
    await sleep(50);
  }
}

async function locks({ client }: World): Promise<readonly string[]> {
  try {
    const { items } = await client.list(kinds.Lease, { namespace: NAMESPACE });
    return locksAmong(items);
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return [`unknown: ${error.message}`];
  }
}
