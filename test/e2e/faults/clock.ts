import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { kinds } from "../../../src/api/kinds.ts";
import { MEMBER_LABEL } from "../../../src/controller/rank/membership.ts";
import { isKubeError } from "../../../src/kube/kube-error.ts";
import type { Fault, Harm } from "../chaos.ts";
import { clockOffsets, isMovedBy } from "../clock-offset.ts";
import { NAMESPACE } from "../cluster-setup.ts";
import type { Random } from "../random.ts";
import type { Replica } from "../replica.ts";
import type { World } from "../world.ts";

const LIBRARIES = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1"];
const HOURS = 5;
/** Many times as long as a replica waits between two renewals of its membership. */
const SEEN_WITHIN_MS = 60_000;
const LOOK_MS = 100;

/** Wall clocks that are hours apart from each other and jump while remediations are under way. A jump counts when the replica's own membership shows it. */
export const skewedClocks: Fault = {
  name: "clocks hours apart, jumping",
  share: 2,
  times: 4,
  endsOtherwise: true,
  async strike(harm, turn) {
    const { world, random } = harm;
    if (turn === 0) await begin(harm);
    const replica = random.pick(world.replicas);
    const [at, before] = [harm.moment(), (await offsets(world)).get(replica.name)];
    const minutes = someMinutes(random);
    setClock(world, replica, minutes);
    if ((await follows(harm, replica, minutes)) && !isMovedBy(minutes, before)) harm.mark(at);
    await sleep(random.between(0, 1000));
  },
  async end({ world, note }) {
    const last = [...(await offsets(world))].map(([name, ms]) => `${name} ${Math.round(ms / 60_000)} min`);
    note(`by their memberships the replicas' clocks were at last away from ours by: ${last.join(", ")}`);
    await Promise.all(world.replicas.map((replica) => replica.kill()));
  },
};

/** Each replica is started anew with a clock of its own that can be moved. */
async function begin(harm: Harm): Promise<void> {
  const { world, random } = harm;
  const library = libfaketime();
  for (const replica of world.replicas) {
    const minutes = someMinutes(random);
    setClock(world, replica, minutes);
    await replica.kill();
    await replica.ready({ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clockFile(world, replica), FAKETIME_CACHE_DURATION: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1" });
    await follows(harm, replica, minutes);
  }
}

function someMinutes(random: Random): number {
  return random.between(-HOURS * 60, HOURS * 60);
}

/** Whether the replica's own clock is seen to be moved by so many minutes. It is wrong for it to go on renewing at another time. */
async function follows({ world, wrong, signal }: Harm, replica: Replica, minutes: number): Promise<boolean> {
  const deadline = performance.now() + SEEN_WITHIN_MS;
  const seen = new Set<number>();
  while (performance.now() < deadline && !signal.aborted) {
    const offset = (await offsets(world)).get(replica.name);
    if (isMovedBy(minutes, offset)) return true;
    if (offset !== undefined) seen.add(Math.round(offset / 60_000));
    await sleep(LOOK_MS);
  }
  if (!signal.aborted) wrong(`${replica.name}'s clock was to be ${minutes} min away from ours, and its membership says ${[...seen].join(", ") || "nothing"}`);
  return false;
}

/** How far each replica's clock is from ours, by its membership. Nobody's when the API server does not answer. */
async function offsets({ client }: World): Promise<ReadonlyMap<string, number>> {
  try {
    const { items } = await client.list(kinds.Lease, { namespace: NAMESPACE, labelSelector: MEMBER_LABEL });
    return clockOffsets(items, Date.now());
  } catch (error) {
    if (!isKubeError(error)) throw error;
    return new Map();
  }
}

/** Where the library lies; throws with what to install. */
export function libfaketime(exists: (path: string) => boolean = existsSync): string {
  const found = LIBRARIES.find((path) => exists(path));
  if (!found) throw new Error("clocks can not be moved without libfaketime: apt-get install faketime (Debian, Ubuntu), then run again");
  return found;
}

function setClock(world: World, replica: Replica, minutes: number): void {
  writeFileSync(clockFile(world, replica), `${minutes < 0 ? "" : "+"}${minutes * 60}`);
}

function clockFile({ folder }: World, { name }: Replica): string {
  return join(folder, `${name}.clock`);
}
