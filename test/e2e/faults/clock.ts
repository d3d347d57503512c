import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Fault, Harm } from "../chaos.ts";
import type { Replica } from "../replica.ts";
import type { World } from "../world.ts";

const LIBRARIES = ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/faketime/libfaketime.so.1"];
const HOURS = 5;

/** Wall clocks that are hours apart from each other and jump while remediations are under way. */
export const skewedClocks: Fault = {
  name: "clocks hours apart, jumping",
  share: 2,
  times: 4,
  endsOtherwise: true,
  async strike(harm, turn) {
    if (turn === 0) await begin(harm);
    harm.mark();
    const replica = harm.random.pick(harm.world.replicas);
    setClock(harm.world, replica, harm.random.between(-HOURS * 60, HOURS * 60));
    await sleep(harm.random.between(1000, 3000));
  },
  async end(harm) {
    await Promise.all(harm.world.replicas.map((replica) => replica.kill()));
  },
};

/** Each replica is started anew with a clock of its own that can be moved. */
async function begin({ world, random }: Harm): Promise<void> {
  const library = libfaketime();
  for (const replica of world.replicas) {
    setClock(world, replica, random.between(-HOURS * 60, HOURS * 60));
    await replica.kill();
    await replica.ready({ LD_PRELOAD: library, FAKETIME_TIMESTAMP_FILE: clockFile(world, replica), FAKETIME_CACHE_DURATION: "1", FAKETIME_DONT_FAKE_MONOTONIC: "1", FAKETIME_DONT_RESET: "1" });
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
