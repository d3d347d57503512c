import type { KubeObject } from "../../src/api/object.ts";
import type { ObjectChange } from "../../src/apiserver/server.ts";
import type { Plan } from "../simulation/plan.ts";
import { Stage } from "../simulation/stage.ts";
import type { ApiChange } from "./actions-of.ts";

/** Things have to stay as they are for this long before a run is over. Virtual milliseconds. */
const CALM_MS = 200;
/** A run that has not come to its end by then is cut off there: what happened so far is a trace as well. */
const MOST_STEPS = 200_000;
/** How the simulation tells of a write: by whom it was made. */
const WRITER = /ms +(\S+) (?:ADDED|MODIFIED|DELETED) /;

/** Plays a plan of the simulation with the real code, and returns everything that was written to its API server, in order. */
export async function recordingOf(plan: Plan): Promise<readonly ApiChange[]> {
  const changes: ApiChange[] = [];
  let by = "";
  const stage = new Stage(plan, (line) => {
    by = WRITER.exec(line)?.[1] ?? by;
  });
  const { timeline, server } = stage.world;
  // The simulation was told first, and has said who it was.
  const stop = server.onChange((change) => changes.push(apiChange(change, timeline.nowMs, by)));
  let calmSinceMs: number | undefined;
  let faulty = true;
  for (let step = 0; step < MOST_STEPS && (await timeline.step()); step++) {
    if (faulty && timeline.nowMs >= plan.faultsEndMs) {
      faulty = false;
      stage.endFaults();
    }
    calmSinceMs = stage.unfinished() === undefined ? (calmSinceMs ?? timeline.nowMs) : undefined;
    if (calmSinceMs !== undefined && timeline.nowMs - calmSinceMs > CALM_MS) break;
  }
  stop();
  stage.close();
  return changes;
}

function apiChange({ type, object, previous }: ObjectChange, atMs: number, by: string): ApiChange {
  // Only objects with metadata are stored.
  const written = object as unknown as KubeObject;
  return { atMs, kind: written.kind, type, object: written, by, ...(previous ? { previous: previous as unknown as KubeObject } : {}) };
}
